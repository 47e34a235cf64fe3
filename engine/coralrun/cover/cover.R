# Reads the tidy tables of cover that lie beside it and draws them, with base R alone:
#
#   Rscript runs/reef/outputs/cover.R
#
# cover.pdf is written where it is called; another folder of tables, and another picture, may be named after it. In
# RStudio, set the working directory to the folder of the tables and run all of it. coralrun writes this file anew with
# the tables: keep your changes under another name.
#
# One page for cover with its 95 % intervals (a panel for each stratum and occasion), one for the units. Where people's
# reviews correct cover, the corrected one stands below the machine's, as a circle. What has no interval is drawn without
# one. All shares are in percent; an empty cell is what cannot be said, and becomes NA.
args <- commandArgs(trailingOnly = TRUE)
called_as <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
beside <- if (length(called_as)) dirname(called_as[1]) else "."
outputs <- if (length(args) > 0) args[1] else beside
pdf_file <- if (length(args) > 1) args[2] else "cover.pdf"

read_table <- function(name) {
  path <- file.path(outputs, name)
  if (!file.exists(path)) return(NULL)
  table <- read.csv(path, na.strings = "", stringsAsFactors = FALSE, check.names = FALSE, encoding = "UTF-8")
  # coralrun puts an apostrophe before a name that a spreadsheet would run as a formula
  table$group <- sub("^'([-=+@])", "\\1", table$group)
  table
}

# The coarsest grouping: labels come first in the tables, then the levels of the groups.
coarsest <- function(table) {
  groupings <- unique(table$grouping)
  table[table$grouping == groupings[min(2, length(groupings))], ]
}

# The columns that say where a row is: those before `grouping`.
place_of <- function(table) {
  before <- table[seq_len(match("grouping", names(table)) - 1)]
  if (!ncol(before)) return(rep("all", nrow(table)))
  named <- apply(before, 1, function(values) paste(values[!is.na(values)], collapse = " / "))
  ifelse(named == "", "all", named)
}

# Shares with two decimals each, and as narrow as can be; what cannot be said stays empty.
show <- function(table, shares, counts) {
  table[shares] <- lapply(table[shares], function(share) ifelse(is.na(share), "", sprintf("%.2f", share)))
  print(table[c("place", "group", shares, counts)], row.names = FALSE)
}

cover <- coarsest(read_table("cover.csv"))
cover$place <- place_of(cover)
cat("cover in percent, with 95 % intervals:\n")
show(cover, c("mean", "lo", "hi"), "units")

corrected <- read_table("cover_corrected.csv")
is_corrected <- !is.null(corrected) && any(!is.na(corrected$cover_corrected))
if (is_corrected) {
  corrected <- coarsest(corrected)
  corrected$place <- place_of(corrected)
  cat("\ncover in percent, corrected by people's reviews:\n")
  short <- c(cover_machine = "machine", cover_corrected = "corrected", units_reviewed = "reviewed")
  shown <- corrected
  names(shown) <- ifelse(names(shown) %in% names(short), short[names(shown)], names(shown))
  show(shown, c("machine", "corrected", "lo", "hi"), "reviewed")
}

pdf(pdf_file, width = 8, height = 6)
places <- unique(cover$place)
par(mfrow = c(1, min(3, length(places))), mar = c(4, 9, 3, 1), las = 1)
for (place in places) {
  here <- cover[cover$place == place & !is.na(cover$mean), ]
  if (!nrow(here)) next
  here <- here[order(here$mean), ]
  rows <- seq_len(nrow(here))
  peoples <- if (is_corrected) corrected[corrected$place == place & corrected$group %in% here$group, ]
  most <- max(here$mean, here$hi, peoples$cover_corrected, peoples$hi, na.rm = TRUE)
  plot(here$mean, rows, xlim = c(0, most), yaxt = "n", pch = 19, ylab = "", xlab = "cover, %", main = place)
  axis(2, rows, here$group)
  known <- !is.na(here$hi)
  segments(here$lo[known], rows[known], here$hi[known], rows[known])
  if (!is_corrected) next
  below <- match(peoples$group, here$group) - 0.2
  points(peoples$cover_corrected, below, pch = 1)
  known <- !is.na(peoples$hi)
  segments(peoples$lo[known], below[known], peoples$hi[known], below[known], lty = 2)
  legend("bottomright", c("machine", "corrected"), pch = c(19, 1), lty = 1:2, bty = "n")
}

units <- read_table("cover_units.csv")
if (!is.null(units) && nrow(units)) {
  units <- coarsest(units)
  units$place <- place_of(units)
  shares <- tapply(units$mean, list(units$group, units$place), sum)
  shares[is.na(shares)] <- 0
  colours <- hcl.colors(nrow(shares), "Set 2")
  # The legend stands beside the bars, in the order of their parts, and hides none.
  par(mfrow = c(1, 1), mar = c(8, 4, 3, 4 + max(nchar(rownames(shares))) / 2), las = 2)
  barplot(shares, col = colours, ylab = "cover, %", main = "each unit")
  legend(par("usr")[2], par("usr")[4], rev(rownames(shares)), fill = rev(colours), xpd = NA, bty = "n")
}
invisible(dev.off())
cat(pdf_file, "\n")

# Cover of the samples beside this file, by R's `survey`: `Rscript tests/statistics/r/cover.R TABLE` writes the table.
#
# Means and standard errors are those of svymean, of a design that has the sites as its clusters; areas of strata are
# known totals, so svymean is asked of the design post-stratified to them. Where a stratum, or all of them, has no more
# units than so many, photos are a second stage drawn from endlessly many. A site's share is a ratio of points; svymean
# takes its photos' shares, which is the same where these have as many points each. Where not, the variance is that of
# svytotal for the linearised ratios.
#
# The degrees of freedom are Satterthwaite's, as docs/cover.md says, by hand: `survey` takes units less strata. The limits
# are Korn and Graubard's by hand for the same reason; where the two rules agree, svyciprop(method = "beta") stands beside.

suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "fail")

here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
photos <- read.csv(file.path(here, "photos.csv"))
strata <- read.csv(file.path(here, "strata.csv"))
classes <- c("coral", "algae", "sand", "sponge")

# The photos of a sample with what is needed of their cells (a site in a stratum): `share` of the mean, shares of classes.
prepared <- function(set) {
  p <- photos[photos$set == set, ]
  p$photo <- seq_len(nrow(p))
  if (set == "photos are the units") p$site <- p$photo
  known <- strata[strata$set == set, ]
  areas <- if (anyNA(known$area)) rep(1, nrow(known)) else known$area
  p$area <- (areas / sum(areas))[match(p$stratum, known$stratum)]
  p$all <- known$units_in_all[match(p$stratum, known$stratum)]
  p$crossed <- nrow(known) > 1 && all(table(unique(p[c("site", "stratum")])$site) == nrow(known))
  if (set == "strata nested") p$crossed <- FALSE
  p$set_of <- if (p$crossed[1]) "all" else p$stratum
  p$unit <- if (p$crossed[1]) paste(p$site) else paste(p$stratum, p$site)
  p$cell <- paste(p$stratum, p$site)
  p$weight <- 1 / p$inclusion
  p$points <- rowSums(p[classes])
  cells <- tapply(p$weight * p$points, p$cell, sum)
  p$inside <- p$weight * p$points / cells[p$cell]
  of_unit <- if (!anyNA(p$size)) p$size else rep(1, nrow(p))
  if (set %in% c("photos are the units", "units by the photos that theirs stand for"))
    of_unit <- ave(p$weight, p$cell, FUN = sum)
  first <- !duplicated(p$cell)
  p$share <- p$area * of_unit / tapply(of_unit[first], p$stratum[first], sum)[p$stratum]
  p$worth <- ave(p$weight * p$points, p$cell, FUN = sum)^2 / ave(p$weight^2 * p$points, p$cell, FUN = sum)
  p
}

# The design whose rows are photos, weighted by what each adds to the mean.
design_of <- function(p, weights) {
  p$weights <- weights
  ids <- if (anyNA(p$all)) ~unit else ~unit + photo
  p$endless <- Inf
  fpc <- if (anyNA(p$all)) NULL else ~all + endless
  strata <- if (anyNA(p$all)) ~set_of else ~set_of + cell  # photos are drawn in each stratum that a site lies in
  svydesign(ids = ids, strata = strata, weights = ~weights, fpc = fpc, data = p, nest = TRUE)
}

estimated <- function(p, class) {
  p$y <- p[[class]] / p$points
  weights <- p$share * p$inside
  d <- design_of(p, weights)
  if (length(unique(p$stratum)) > 1)
    d <- postStratify(d, ~stratum, aggregate(list(Freq = weights), list(stratum = p$stratum), sum))
  mean <- sum(weights * p$y) / sum(weights)
  found <- tryCatch({
    m <- svymean(~y, d)
    list(mean = as.numeric(coef(m)), se = as.numeric(SE(m)))
  }, error = function(e) NULL)
  if (is.null(found)) return(list(mean = mean, se = NA, parts = NULL))
  stopifnot(abs(found$mean - mean) < 1e-12)
  linear <- linearised(p)
  total <- as.numeric(SE(svytotal(~z, design_of(transform(p, z = linear), 1))))
  if (anyNA(p$all) || length(unique(p$points * p$weight)) == 1) stopifnot(abs(total - found$se) < 1e-12)
  else found$se <- total
  c(found, list(parts = parts(p, linear)))
}

# What each photo adds to a mean: of its site from its stratum's mean, and its own from its site's.
linearised <- function(p) {
  cells <- tapply(p$inside * p$y, p$cell, sum)[p$cell]
  first <- !duplicated(p$cell)
  middles <- tapply((p$share * cells)[first], p$stratum[first], sum) / tapply(p$share[first], p$stratum[first], sum)
  p$share * p$inside * (p$y - cells) + p$share * (cells - middles[p$stratum]) / ave(p$share, p$cell, FUN = length)
}

# The parts of the variance with the degrees of freedom of each, and what the first stages are by the design alone.
parts <- function(p, z) {
  first <- lapply(split(seq_len(nrow(p)), p$set_of), function(rows) {
    units <- tapply(z[rows], p$unit[rows], sum)
    cells <- rows[!duplicated(p$cell[rows])]
    n <- length(units)
    f <- if (anyNA(p$all)) 0 else n / p$all[rows][1]
    if (n == 1) return(NULL)
    shares <- tapply(p$share[cells], p$unit[cells], sum)
    data.frame(v = (1 - f) * n / (n - 1) * sum(units^2), even = (1 - f) * sum(shares^2),
               df = max(1, (n - 1) / n * sum(shares^2)^2 / sum(shares^4)))
  })
  second <- if (anyNA(p$all)) NULL else lapply(split(seq_len(nrow(p)), p$cell), function(rows) {
    n <- length(unique(p$unit[p$set_of == p$set_of[rows[1]]]))
    m <- length(rows)
    data.frame(v = n / p$all[rows][1] * m / (m - 1) * sum((z[rows] - mean(z[rows]))^2), even = 0, df = m - 1)
  })
  do.call(rbind, c(first, second))
}

degrees <- function(found) {
  part <- found$parts
  by_design <- if (all(part$even == 0)) NA else sum(part$even)^2 / sum(part$even^2 / part$df)
  if (found$se > 0) min(by_design, sum(part$v)^2 / sum(part$v^2 / part$df), na.rm = TRUE) else by_design
}

limits <- function(p, found, df) {
  cells <- p[!duplicated(p$cell), ]
  points <- 1 / sum(cells$share^2 / cells$worth)
  seen <- found$mean
  n <- if (found$se > 0) min(points, seen * (1 - seen) / found$se^2 * (qt(0.975, points - 1) / qt(0.975, df))^2) else points
  if (found$se < 1e-12 && (seen < 1e-12 || seen > 1 - 1e-12)) {
    seen <- round(seen)
    n <- 1 / sum(tapply(cells$share, cells$unit, sum)^2)
  }
  c(lo = if (seen == 0) 0 else qbeta(0.025, seen * n, n * (1 - seen) + 1),
    hi = if (seen == 1) 1 else qbeta(0.975, seen * n + 1, n * (1 - seen)), n = n, points = points)
}

# svyciprop takes points for the rows, all of one weight, and a single stratum: there its rule is ours.
ciprop <- function(p, class, found, by_rule) {
  alike <- length(unique(p$stratum)) == 1 && length(unique(signif(p$share * p$inside / p$points, 9))) == 1
  if (!alike || found$se == 0 || by_rule[["n"]] >= by_rule[["points"]]) return(c(NA, NA))
  points <- p[rep(seq_len(nrow(p)), p$points), ]
  points$seen <- unlist(lapply(seq_len(nrow(p)), function(row) rep(1:0, c(p[row, class], p$points[row] - p[row, class]))))
  as.vector(attr(svyciprop(~seen, design_of(points, 1), method = "beta"), "ci"))
}

row_of <- function(set, class) {
  p <- prepared(set)
  found <- estimated(p, class)
  known <- list(set = set, class = class, mean = found$mean, se = found$se, df = NA, lo = NA, hi = NA, ciprop_lo = NA,
                ciprop_hi = NA)
  if (is.na(found$se)) return(known)
  if (found$se < 1e-12) found$se <- 0
  known$se <- found$se
  known$df <- degrees(found)
  by_rule <- limits(p, found, known$df)
  known[c("lo", "hi")] <- by_rule[c("lo", "hi")]
  known[c("ciprop_lo", "ciprop_hi")] <- ciprop(p, class, found, by_rule)
  known
}

rows <- list()
for (set in unique(photos$set)) for (class in classes) rows[[length(rows) + 1]] <- as.data.frame(row_of(set, class))
table <- do.call(rbind, rows)
for (column in names(table)[-(1:2)]) {
  text <- formatC(table[[column]], digits = 17, format = "g")
  table[[column]] <- ifelse(is.na(table[[column]]), "", trimws(text))
}
write.csv(table, commandArgs(trailingOnly = TRUE)[1], row.names = FALSE, quote = FALSE)

# Draws the points of one run at 12 sites, some of each of the machine's classes audited (two_phase_points.csv), and works
# out cover with the package `survey` (two_phase.csv), for tests/statistics/test_two_phase.py. Run in its folder:
# Rscript two_phase.R
library(survey)
set.seed(5)
sites <- 12
points <- do.call(rbind, lapply(seq_len(sites), function(site) {
  p <- plogis(qlogis(c(0.2, 0.02)) + 0.7 * rnorm(2))
  people <- sample(c("coral", "sponge", "turf"), 60, TRUE, c(p, 1 - sum(p)))
  machine <- ifelse(runif(60) < 0.8, people, sample(c("coral", "sponge", "turf"), 60, TRUE))
  data.frame(site, people, machine)
}))
points$id <- seq_len(nrow(points))
points$audited <- FALSE
for (class in unique(points$machine)) points$audited[sample(which(points$machine == class), 40)] <- TRUE
points$there <- ave(points$id, points$machine, FUN = length)
write.csv(points[c("site", "people", "machine", "audited")], "two_phase_points.csv", row.names = FALSE, quote = FALSE)

# the second phase: points within each class of the machine, of as many as there are
design <- twophase(id = list(~site, ~id), strata = list(NULL, ~machine), fpc = list(NULL, ~there), subset = ~audited,
  data = points, method = "approx")
found <- do.call(rbind, lapply(c("coral", "sponge", "turf"), function(class) {
  points$is <- as.numeric(points$people == class)
  design <- update(design, is = as.numeric(people == class))
  mean <- svymean(~is, design)
  all <- svydesign(ids = ~site, weights = ~1, data = points)
  data.frame(class, cover = coef(mean)[[1]], second = attr(vcov(mean), "phases")$phase2[1],
    labelled_se = SE(svymean(~is, all))[[1]])
}))
found[-1] <- lapply(found[-1], function(x) formatC(x, digits = 17, format = "g"))
write.csv(found, "two_phase.csv", row.names = FALSE, quote = FALSE)

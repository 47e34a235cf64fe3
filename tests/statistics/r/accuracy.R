# Draws points that people and a machine labelled (accuracy_points.csv), and works out recall and precision of them with
# the package `survey` (accuracy.csv), for tests/statistics/test_accuracy_by_area.py. Run in its folder: Rscript accuracy.R
library(survey)
set.seed(17)
areas <- c(deep = 0.7, middle = 0.25, shallow = 0.05)
sites <- list(plain = c(all = 6), strata = c(deep = 3, middle = 6, shallow = 4), few = c(all = 5))
classes <- c("coral", "turf", "sand", "sponge")
points <- do.call(rbind, lapply(names(sites), function(set) {
  do.call(rbind, lapply(names(sites[[set]]), function(stratum) {
    do.call(rbind, lapply(seq_len(sites[[set]][[stratum]]), function(site) {
      n <- if (set == "plain") 40 else sample(c(15, 30, 45), 1)
      cover <- prop.table(c(rgamma(3, 2), if (set == "few") 0.02 else 0.2))
      people <- sample(classes, n, TRUE, cover)
      machine <- ifelse(runif(n) < 0.75, people, sample(classes, n, TRUE))
      inclusion <- if (set == "plain") 1 else sample(c(0.1, 0.25, 0.5), n, TRUE)
      data.frame(set, stratum, site = paste(stratum, site), inclusion, people, machine)
    }))
  }))
}))
points$people[points$set == "few" & points$people == "sponge"] <- "sand"
points$people[points$set == "few" & points$site == "all 2"][1:2] <- "sponge"
write.csv(points, "accuracy_points.csv", row.names = FALSE, quote = FALSE)

# as cover is: points of a site by 1 / inclusion, sites of a stratum alike, strata by their areas
found <- do.call(rbind, lapply(names(sites), function(set) {
  here <- points[points$set == set, ]
  inside <- (1 / here$inclusion) / ave(1 / here$inclusion, here$site, FUN = sum)
  n <- sites[[set]][here$stratum]
  area <- if (set == "strata") areas[here$stratum] else 1
  here$weight <- area * inside / n
  do.call(rbind, lapply(classes, function(class) {
    here$people_say <- as.numeric(here$people == class)
    here$machine_says <- as.numeric(here$machine == class)
    here$both <- here$people_say * here$machine_says
    design <- svydesign(ids = ~site, strata = ~stratum, weights = ~weight, data = here)
    recall <- svyratio(~both, ~people_say, design)
    precision <- svyratio(~both, ~machine_says, design)
    cell <- svymean(~both, design)
    data.frame(set, class,
      recall = coef(recall)[[1]], recall_se = SE(recall)[[1]],
      precision = coef(precision)[[1]], precision_se = SE(precision)[[1]],
      both = coef(cell)[[1]], both_se = SE(cell)[[1]])
  }))
}))
found[-(1:2)] <- lapply(found[-(1:2)], function(x) formatC(x, digits = 17, format = "g"))
write.csv(found, "accuracy.csv", row.names = FALSE, quote = FALSE)

# Draws points that people and a machine labelled, on photos at sites that are some of a known number
# (population_points.csv), and works out the machine's bias, recall, precision, the agreement and people's cover with the
# package `survey` (population.csv), for tests/statistics/test_populations.py. Run in its folder: Rscript population.R
suppressPackageStartupMessages(library(survey))
set.seed(11)
areas <- c(all = 1, deep = 0.7, shallow = 0.3)
sites <- list(one = c(all = 8), strata = c(deep = 4, shallow = 5), every = c(all = 6), visits = c(y2008 = 5, y2010 = 6))
there <- list(one = c(all = 20), strata = c(deep = 6, shallow = 40), every = c(all = 6), visits = c(y2008 = 9, y2010 = 9))
classes <- c("coral", "turf", "sand")
points <- do.call(rbind, lapply(names(sites), function(set) {
  do.call(rbind, lapply(names(sites[[set]]), function(stratum) {
    do.call(rbind, lapply(seq_len(sites[[set]][[stratum]]), function(site) {
      cover <- prop.table(rgamma(3, 2))
      do.call(rbind, lapply(seq_len(sample(2:5, 1)), function(photo) {
        people <- sample(classes, 10, TRUE, prop.table(cover * rgamma(3, 3)))
        machine <- ifelse(runif(10) < 0.75, people, sample(classes, 10, TRUE))
        data.frame(set, stratum, site = paste(stratum, site), photo = paste(stratum, site, photo), people, machine)
      }))
    }))
  }))
}))
write.csv(points, "population_points.csv", row.names = FALSE, quote = FALSE)

# sites of a stratum alike, strata by their areas; photos are a second stage, drawn from endlessly many
# each visit of the last set is a sample of its own
points$part <- ifelse(points$set == "visits", points$stratum, points$set)
areas[c("y2008", "y2010")] <- 1
found <- do.call(rbind, lapply(unique(points$part), function(part) {
  here <- points[points$part == part, ]
  set <- here$set[1]
  here$id <- seq_len(nrow(here))
  here$all <- there[[set]][here$stratum]
  here$endless <- Inf
  here$weight <- areas[here$stratum] / sites[[set]][here$stratum] / ave(here$id, here$site, FUN = length)
  design_of <- function(data) svydesign(ids = ~site + photo, strata = ~stratum + site, fpc = ~all + endless,
    weights = ~weight, data = data, nest = TRUE)
  do.call(rbind, lapply(classes, function(class) {
    here$people_say <- as.numeric(here$people == class)
    here$machine_says <- as.numeric(here$machine == class)
    here$both <- here$people_say * here$machine_says
    here$bias <- here$machine_says - here$people_say
    here$agrees <- as.numeric(here$people == here$machine)
    design <- design_of(here)
    recall <- svyratio(~both, ~people_say, design)
    precision <- svyratio(~both, ~machine_says, design)
    means <- lapply(c("bias", "agrees", "people_say"), function(y) svymean(as.formula(paste0("~", y)), design))
    data.frame(set = part, class, bias = coef(means[[1]])[[1]], bias_se = SE(means[[1]])[[1]],
      agreement = coef(means[[2]])[[1]], agreement_se = SE(means[[2]])[[1]],
      people = coef(means[[3]])[[1]], people_se = SE(means[[3]])[[1]],
      recall = coef(recall)[[1]], recall_se = SE(recall)[[1]],
      precision = coef(precision)[[1]], precision_se = SE(precision)[[1]])
  }))
}))
found[-(1:2)] <- lapply(found[-(1:2)], function(x) formatC(x, digits = 17, format = "g"))
write.csv(found, "population.csv", row.names = FALSE, quote = FALSE)

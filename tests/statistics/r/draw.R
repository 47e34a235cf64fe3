# Draws the samples that cover is compared on, into photos.csv and strata.csv beside this file.
#
# Run once, by `Rscript tests/statistics/r/draw.R`: the two tables are kept, and nothing else depends on how chance fell.
# photos.csv has a row a photo: its sample, stratum, site, the points that each class has on it, its chance to be drawn,
# and what its site weighs. strata.csv has what is known of each stratum: its area, and how many units it has in all.

set.seed(19770516)
classes <- c("coral", "algae", "sand", "sponge")

# One sample. `sites` by stratum; `crossed`: every site lies in all strata; `alike`: sites of all strata have one set of
# names, and are units of their own all the same; `coral` and `sponge`: the range of their share at a site.
sample_of <- function(name, sites, photos = 1:4, points = c(10, 25, 40), coral = c(0, 0.8), sponge = c(0, 0),
                      crossed = FALSE, alike = FALSE, inclusion = 1, sizes = FALSE, all = NULL, areas = NULL) {
  rows <- NULL
  sizes_of <- round(runif(max(sites), 0.5, 9), 2)
  for (stratum in names(sites)) for (site in seq_len(sites[[stratum]])) {
    share <- runif(1, coral[1], coral[2])
    rest <- runif(1, sponge[1], sponge[2]) * (1 - share)
    for (photo in seq_len(photos[sample.int(length(photos), 1)])) {
      n <- points[sample.int(length(points), 1)]
      chances <- c(share, (1 - share - rest) * c(0.6, 0.4), rest)
      seen <- if (share == 1) c(n, 0, 0, 0) else as.vector(rmultinom(1, n, chances))
      rows <- rbind(rows, data.frame(
        set = name, stratum = stratum, site = if (crossed || alike) paste("site", site) else paste("site", site, stratum),
        coral = seen[1], algae = seen[2], sand = seen[3], sponge = seen[4],
        inclusion = inclusion[(photo - 1) %% length(inclusion) + 1], size = if (sizes) sizes_of[site] else NA
      ))
    }
  }
  known <- data.frame(set = name, stratum = names(sites), area = if (is.null(areas)) NA else areas,
                      units_in_all = if (is.null(all)) NA else all)
  list(photos = rows, strata = known)
}

uneven <- c(deep = 3, middle = 10, shallow = 10)
areas <- c(70, 25, 5)
samples <- list(
  sample_of("photos and points alike", c(all = 7), photos = 4, points = 25),
  sample_of("points unequal", c(all = 7)),
  sample_of("two units", c(all = 2)),
  sample_of("one unit", c(all = 1), photos = 4),
  sample_of("photos are the units", c(all = 12), photos = 1, inclusion = 1),
  sample_of("strata of unequal area", uneven, areas = areas),
  sample_of("strata without areas", c(deep = 4, middle = 5)),
  sample_of("one unit in a stratum", c(deep = 1, middle = 6), areas = c(30, 70)),
  sample_of("strata nested", c(deep = 5, middle = 4, shallow = 6), alike = TRUE, areas = areas),
  sample_of("strata crossed by all sites", c(deep = 6, middle = 6, shallow = 6), crossed = TRUE, areas = areas),
  sample_of("photos of unequal chances", c(deep = 4, middle = 4), inclusion = c(1, 0.2), areas = c(60, 40)),
  sample_of("units by their size", c(all = 8), sizes = TRUE),
  sample_of("units by their size in strata", c(deep = 4, middle = 7), sizes = TRUE, areas = c(80, 20)),
  sample_of("units by their size in crossed strata", c(deep = 5, middle = 5), sizes = TRUE, crossed = TRUE, areas = c(80, 20)),
  sample_of("units by the photos that theirs stand for", c(all = 9), inclusion = c(0.5, 0.1)),
  sample_of("a population of 20", c(all = 8), photos = 3, points = 25, all = 20),
  sample_of("a population of 20 and points unequal", c(all = 8), photos = 2:4, all = 20),
  sample_of("all units there are", c(all = 6), photos = 2:4, all = 6),
  sample_of("populations of strata", c(deep = 3, middle = 6, shallow = 1), photos = 2:4, all = c(4, 60, 1), areas = areas),
  sample_of("a population that crosses strata", c(deep = 6, middle = 6), photos = 2:4, crossed = TRUE, all = 10,
            areas = c(30, 70)),
  sample_of("a population of units by their size", c(all = 7), photos = 2:4, sizes = TRUE, all = 12),
  sample_of("0 and 100 percent", c(deep = 5, middle = 3), coral = c(1, 1),
            areas = c(60, 40)),
  sample_of("classes that are nearly nowhere", c(deep = 5, middle = 9), coral = c(0, 0.05), sponge = c(0, 0.02),
            areas = c(60, 40)),
  sample_of("a class that is nearly all there is", c(all = 9), coral = c(0.97, 1))
)

# Single photos as units have chances of their own.
photos <- do.call(rbind, lapply(samples, `[[`, "photos"))
own <- photos$set == "photos are the units"
photos$inclusion[own] <- rep(c(1, 0.5, 0.2), length.out = sum(own))
write.csv(photos, "tests/statistics/r/photos.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(do.call(rbind, lapply(samples, `[[`, "strata")), "tests/statistics/r/strata.csv", row.names = FALSE, quote = FALSE, na = "")

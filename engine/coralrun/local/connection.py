"""This computer or a cluster as a service: its classifier is a folder, and its jobs are the run's own.

Rule: to plan takes the classifier's folder alone. Workers are started, and asked what they have, before a run is
carried out; with the connection they end.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from coralrun.classifiers.extractors import cache_directory, cache_root, find
from coralrun.classifiers.folder import (
    DIGEST_SHOWN,
    HEAD,
    MODEL,
    LocalClassifier,
    classifier_of,
    read_classifier,
    read_photos,
)
from coralrun.classifiers.inference import Inference
from coralrun.connection import Connection, Left, Picked
from coralrun.errors import UsageError
from coralrun.files.given import read_given
from coralrun.limits import MAX_PHOTO_BYTES
from coralrun.local.compute import FOLDER, Compute, compute_of, jobs_for
from coralrun.local.joining import no_tls
from coralrun.local.service import LocalService
from coralrun.local.speed import Worked, keep_speed, speed_of
from coralrun.local.spool import Spool
from coralrun.local.tasks import RunningCluster
from coralrun.local.work import Model, Scorer
from coralrun.machine.outcomes import Listed
from coralrun.planning.model import Classifier, Plan, Trained
from coralrun.ports import Home, Located
from coralrun.reaching import Progress, tells_nobody
from coralrun.service.checks import Check, Verdict, tried
from coralrun.service.terms import Options
from coralrun.sources.patience import Patience
from coralrun.spec.model import ClassifierChoice, CoralNetSource
from coralrun.store.files import Disk
from coralrun.values.classified import Label

_SAMPLED = 3
"""Photos whose digests each worker of a cluster tells before a run."""

_OTHER_CLASSIFIER = (
    "Put the run's own back. To classify all photos again with this one: `coralrun apply` with the survey."
)
_TURN_S = 0.2


@dataclass(frozen=True, slots=True)
class SentModel:
    """A classifier as it travels: the bytes of its files and of its extractor's."""

    model: bytes
    head: bytes
    onnx: bytes
    sha256: str

    def scorer(self) -> Scorer:
        """It at work."""
        return Inference(classifier_of(self.model, self.head, "the classifier"), self.onnx).scores


@dataclass(slots=True)
class LocalConnection(Connection):
    """The way to it. A run's own workers are started by `sign_in`."""

    options: Options
    _classifier: LocalClassifier | None = field(default=None, init=False)
    cluster: RunningCluster | None = field(default=None, init=False)
    _nonce: str = field(default_factory=lambda: secrets.token_hex(4), init=False)
    _stopping: threading.Event = field(default_factory=threading.Event, init=False)
    _turning: threading.Thread | None = field(default=None, init=False)

    @property
    def compute(self) -> Compute:
        """Where photos are computed."""
        return compute_of(self.options)

    @property
    def folder(self) -> Path:
        """The classifier's folder; raises UsageError where the survey names none."""
        named = self.options.get(FOLDER)
        if named is None:
            raise UsageError(
                f"{self.name} needs a classifier that is a folder",
                remedy="Name it: `classifier: {folder: models/moorea-2026}`. `coralrun train` makes one.",
            )
        return Path(str(named))

    def sign_in(self, progress: Progress = tells_nobody) -> None:
        """Start the workers, or join the cluster; raises UsageError and ServiceError."""
        progress("starting the workers" if self.compute.is_own else "joining the Dask cluster")
        model, _ = self.model()
        from coralrun.local.dask_cluster import DaskCluster  # it takes a second, and no plan needs it

        if self.cluster is None:
            self.cluster = DaskCluster(self.compute, model, self._nonce)

    def model(self) -> tuple[Model, tuple[Label, ...]]:
        """The classifier as workers take it, and its labels; raises UsageError and InvalidInput."""
        found = self.classifier()
        model, head = (read_given(self.folder / name) for name in (MODEL, HEAD))
        onnx = find(found.extractor, cache_directory())
        return SentModel(model, head, onnx, found.digest), found.labels

    def classifier(self) -> LocalClassifier:
        """What the folder holds, read once; raises UsageError and InvalidInput."""
        if self._classifier is None:
            self._classifier = read_classifier(self.folder)
            speed = speed_of(self._classifier.extractor.sha256, self.compute, cache_root()) or self.limits.speed
            self.limits = replace(self.limits, speed=speed)
        return self._classifier

    def service(self, classifier: str, home: Home | None = None) -> LocalService:
        """The jobs of a run, which are worked on where its workers were started; raises as `model` and UsageError.

        A run has one classifier: it is not gone on with by another one, whoever put it into the folder.
        """
        if home is None:
            raise UsageError(f"{self.name} has no jobs but a run's own")
        if changed := self.drift(Classifier(id=classifier)):
            raise UsageError(changed[0], remedy=_OTHER_CLASSIFIER)
        cluster, compute = self.cluster, self.compute
        if cluster is not None and not (compute.is_own or compute.sends):
            _check_photos(cluster, home)
        service = LocalService(
            classifier=classifier,
            labels=self.model()[1],
            spool=Spool(home.folder, Disk()),
            home=home,
            most_jobs=self.limits.jobs_at_once if cluster is None else jobs_for(cluster.threads),
            cluster=cluster,
            nonce=self._nonce,
            wall_s=self.clock.wall_s,
            sends=compute.sends,
        )
        if cluster is not None:
            self._turning = threading.Thread(target=self._turn, args=(service,), name="cluster", daemon=True)
            self._turning.start()
        return service

    def jobs(self) -> Listed:
        """There are none but a run's own."""
        return Listed((), (), self.limits.jobs_at_once)

    def pick_classifier(
        self,
        choice: ClassifierChoice,
        sources: Iterable[CoralNetSource],
        earlier: Mapping[str, Classifier],
        patience: Patience | None = None,
    ) -> Picked:
        """The folder that the survey names, by its name and digest, or that of an earlier run."""
        if choice.same_as is not None and (changed := self.drift(earlier[choice.same_as])):
            raise UsageError(changed[0], remedy="Name the folder of a classifier in place of `same_as`.")
        found = self.classifier()
        examples = {label.code: label.examples for label in found.model.labels}
        trained = Trained(sites=found.model.training.sites, examples=examples)
        classifier = Classifier(id=found.called, date=found.model.date, trained=trained)
        learnt = found.model.training
        sites = f" of {', '.join(learnt.sites)}" if learnt.sites else ", nobody told where"
        told = (
            f"the classifier was trained on {learnt.points:,} points of {learnt.photos:,} photos{sites}; how "
            "good it is elsewhere an audit says"
        )
        return Picked(classifier, (told, *no_tls(self.compute)))

    def labels(self, classifier: Classifier) -> tuple[Label, ...]:
        """Those that the classifier was trained on."""
        return self.classifier().labels

    def looked_at(self, plan: Plan, left: Left, progress: Progress) -> Plan:
        """A plan whose classifier says which of the plan's photos it was trained on, and of which nobody knows it."""
        trained = plan.classifier.trained
        if trained is None:
            return plan
        learnt = read_photos(self.folder, self.classifier())
        photos = tuple(sorted(learnt.intersection(image.sha256 for image in plan.images if image.sha256 is not None)))
        warnings = [plan.untold] if plan.untold else []
        if photos:
            warnings.append(
                f"the classifier was trained on {len(photos):,} of these photos: accuracy is in-sample there, and no "
                "audit that it learnt from corrects its cover"
            )
        classifier = replace(plan.classifier, trained=replace(trained, photos=photos))
        return replace(plan, classifier=classifier, warnings=(*plan.warnings, *warnings))

    def drift(self, classifier: Classifier) -> tuple[str, ...]:
        """Whether the folder holds another classifier by now."""
        now = self.classifier().called
        return () if now == classifier.id else (f"the folder {self.folder} holds {now} now, not {classifier.id}",)

    def checks(self) -> Iterator[Check]:
        """The extractor, and the cluster where one is joined."""
        yield from tried("extractor", self._check_extractor)
        if not self.compute.is_own:
            yield from tried("cluster", self._check_cluster)

    def close(self) -> None:
        """Let the workers go."""
        self._stopping.set()
        if self._turning is not None:
            self._turning.join(timeout=2 * _TURN_S)
        if self.cluster is not None:
            took_s, points = self.cluster.worked
            if self._classifier is not None and took_s > 0 and self.cluster.threads:
                worked = Worked(point_s=took_s / max(points, 1), points=max(points, 1), workers=self.cluster.threads)
                keep_speed(self._classifier.extractor.sha256, self.compute, cache_root(), worked)
            self.cluster.close()
            self.cluster = None

    def _turn(self, service: LocalService) -> None:
        with suppress(Exception):  # whatever it is, the next call of the port raises it
            while not self._stopping.is_set():
                service.turn(_TURN_S)

    def _check_extractor(self) -> Check:
        model, labels = self.model()
        return Check("extractor", Verdict.OK, f"{len(labels)} labels, classifier {model.sha256[:DIGEST_SHOWN]}")

    def _check_cluster(self) -> Check:
        self.sign_in()
        assert self.cluster is not None  # noqa: S101 - it was joined just now
        said = f"{len(self.cluster.addresses)} workers, {self.cluster.threads} photos at once"
        if self.cluster.trouble:
            return Check("cluster", Verdict.NOTE, self.cluster.trouble, "A run waits until there is one.")
        return Check("cluster", Verdict.OK, said)


def _check_photos(cluster: RunningCluster, home: Home) -> None:
    """Raise UsageError for workers that do not see the photos as they are here, by the first few of them."""
    for unit in range(_SAMPLED):
        located = home.locate(unit)
        if not isinstance(located, Located) or not isinstance(located.place, PurePath):
            continue
        path = Path(located.place)
        try:
            here = hashlib.sha256(read_given(path, MAX_PHOTO_BYTES)).hexdigest()
        except OSError:
            continue
        blind = sorted(worker for worker, there in cluster.digests(str(path)).items() if there != here)
        if blind:
            raise UsageError(
                "\n".join(f"worker {worker} does not see {path} as it is here" for worker in blind),
                remedy="Mount the folder at the same path on every worker, or say `compute: {photos: sent}`.",
            )

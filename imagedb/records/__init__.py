"""The frozen values that callers give and receive.

Order is part of each value: layers bottom first, parents nearest first, names by their bytes,
manifests as their index lists them. Sizes are bytes, moments are UTC.
"""

from imagedb.records.callers import (
    Caller,
    Host,
    Namespace,
)
from imagedb.records.containers import (
    CONTAINER_STATES,
    RUNNING_STATES,
    ChangedContainer,
    Container,
    ContainerConfig,
    Mount,
    ReportedContainer,
)
from imagedb.records.content import Content
from imagedb.records.deletion import (
    Conflict,
    ConflictKind,
    ContainerUse,
    Deleted,
    LeftImage,
    PrunedBatch,
    Reason,
    Record,
    Untagged,
    Way,
)
from imagedb.records.holds import Hold, ImageHold
from imagedb.records.images import (
    HistoryEntry,
    Image,
    ImageDetails,
    ImageSummary,
    ImportedImage,
    ListedImage,
    ManifestSummary,
    Relative,
    Replaced,
    TreeNode,
)
from imagedb.records.journal import (
    Claim,
    Event,
    FinishedClaim,
    LeftRelease,
    Release,
    WhyLeft,
)
from imagedb.records.sources import (
    Document,
    ManifestKind,
    SourceImage,
    SourceLayer,
    SourceManifest,
)

__all__ = [
    "CONTAINER_STATES",
    "RUNNING_STATES",
    "Caller",
    "ChangedContainer",
    "Claim",
    "Conflict",
    "ConflictKind",
    "Container",
    "ContainerConfig",
    "ContainerUse",
    "Content",
    "Deleted",
    "Document",
    "Event",
    "FinishedClaim",
    "HistoryEntry",
    "Hold",
    "Host",
    "Image",
    "ImageDetails",
    "ImageHold",
    "ImageSummary",
    "ImportedImage",
    "LeftImage",
    "LeftRelease",
    "ListedImage",
    "ManifestKind",
    "ManifestSummary",
    "Mount",
    "Namespace",
    "PrunedBatch",
    "Reason",
    "Record",
    "Relative",
    "Release",
    "Replaced",
    "ReportedContainer",
    "SourceImage",
    "SourceLayer",
    "SourceManifest",
    "TreeNode",
    "Untagged",
    "Way",
    "WhyLeft",
]

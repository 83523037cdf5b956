"""The outcome as plots over the number of labels: accuracy, how far confidence is off; and confidence at its word."""

from openbook.evaluate.calibration import calibration_bins
from openbook.labs.discriminative_generative.outcome import Outcome, mean
from openbook.report.lines import line_plot
from openbook.report.series import Series
from openbook.report.svg import Svg


def plots(outcome: Outcome) -> dict[str, Svg]:
    """By a short name: accuracy, confidence, reliability."""
    sizes = [float(size) for size in outcome.sizes]
    accuracy: list[Series] = []
    errors: list[Series] = []
    reliability: list[Series] = [Series("as stated", [0.0, 1.0], [0.0, 1.0])]
    for method in outcome.methods:
        measured = outcome.measured[method.name]
        spreads = [measured[size].accuracy for size in outcome.sizes]
        low, high = zip(*(spread.interval() for spread in spreads), strict=True)
        accuracy.append(Series(method.name, sizes, [spread.value for spread in spreads], low, high))
        errors.append(Series(method.name, sizes, [mean(measured[size].calibration_errors) for size in outcome.sizes]))
        last = measured[outcome.sizes[-1]]
        bins = calibration_bins(last.confidence.ravel(), last.right.ravel(), bins=10)
        reliability.append(Series(method.name, [b.confidence for b in bins], [b.correct for b in bins]))
    log = len(sizes) > 1
    labels = "labels to train on"
    most = f"{outcome.sizes[-1]:,} labels"
    return {
        "accuracy": line_plot(
            f"Accuracy on {outcome.name}", accuracy, x_label=labels, y_label="share right", log_x=log
        ),
        "confidence": line_plot(
            f"How far confidence is off on {outcome.name}",
            errors,
            x_label=labels,
            y_label="expected calibration error",
            log_x=log,
            y_range=(0.0, 0.1),
        ),
        "reliability": line_plot(
            f"Confidence and what comes of it, {most}",
            reliability,
            x_label="confidence",
            y_label="share right",
            y_range=(0.0, 1.0),
        ),
    }

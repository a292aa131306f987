using System.Text.Json.Nodes;
using static Helix.Core.Manifests.ManifestReading;

namespace Helix.Core.Manifests;

/// <summary>Reads how a provider is started, and what it serves, where both were found to be right.</summary>
internal static class LaunchReading
{
    private const long Megabyte = 1_000_000;
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(60);

    public static LoadableModels Models(JsonNode? models) => models is null
        ? new([], [], "{model_id}")
        : new(Lines(models["formats"]), Lines(models["architectures"]), MaybeText(models["name"]) ?? "{model_id}");

    public static Launch Of(JsonNode launch) => new(
        Text(launch["listen"]) == "socket",
        Rows(launch["before"], step => Lines(step["run"])),
        Rows(launch["processes"], Process),
        Rows(launch["after"], step => Lines(step["run"])),
        [.. Lines(launch["environment"]).Select(Named.Of)],
        Rows(launch["files"], InstallReading.File),
        MaybeText(launch["folder"]),
        launch["key"] is not null,
        Seconds(launch["start_seconds"]) ?? s_start,
        Steps(launch),
        TimeSpan.FromSeconds(Whole(launch["stop_seconds"]) ?? 10),
        (Whole(launch["memory_mb"]) ?? 120) * Megabyte,
        Whole(launch["slots"]),
        (Whole(launch["device_memory_mb"]) ?? 800) * Megabyte,
        Whole(launch["instances"]));

    public static Serves Serves(JsonNode serves) => new(
        Whole(serves["port"]),
        Lines(serves["dialects"]),
        Lines(serves["abilities"]),
        serves["ready"] is { } ready ? new(Text(ready["path"]), Whole(ready["status"]) ?? 200) : null,
        serves["identity"] is { } identity ? new(Text(identity["path"]), MaybeText(identity["field"]), MaybeText(identity["value"])) : null,
        serves["models"] is { } list ? new(Text(list["path"]), Text(list["field"]), MaybeText(list["value"])) : new("/v1/models", "data.id"),
        serves["canary"] is { } canary ? new(Text(canary["path"]), MaybeText(canary["body"])) : null,
        serves["metrics"] is { } metrics ? Metrics(metrics) : null,
        serves["interface"] is { } own ? new(Text(own["path"]), Whole(own["port"]), own["log_in"] is { } form ? new(Text(form["path"]), Text(form["form"])) : null) : null)
    {
        Continues = serves["continues"] is { } goesOn ? new(MaybeText(goesOn["chat"]), [.. Lines(goesOn["members"]).Select(Named.Of)], goesOn["completions"]?.GetValue<bool>() == true) : null,
        Gaps = GapsReading.Of(serves["parameters"]),
        Besides = Lines(serves["besides"]),
    };

    private static StepPatience Steps(JsonNode launch)
    {
        var start = Seconds(launch["start_seconds"]) ?? s_start;
        return new(Seconds(launch["listen_seconds"]) ?? start, Seconds(launch["ready_seconds"]) ?? start, Seconds(launch["identity_seconds"]) ?? start, Seconds(launch["canary_seconds"]) ?? StepPatience.UsualCanary);
    }

    private static TimeSpan? Seconds(JsonNode? node) => Whole(node) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static LaunchProcess Process(JsonNode process) =>
        new(Text(process["program"]), Rows(process["arguments"], Words), MaybeText(process["ready"]), Whole(process["port"]) ?? 1);

    private static LaunchWords Words(JsonNode words) => new(
        Lines(words["words"]),
        words["accelerator"] is { } word ? Accelerator(Text(word)) : null,
        AbilityWords.Of(MaybeText(words["ability"])),
        MaybeText(words["format"]));

    private static MetricNames Metrics(JsonNode metrics) => new(
        Text(metrics["path"]), MaybeText(metrics["running"]), MaybeText(metrics["waiting"]), MaybeText(metrics["cache_used"]),
        MaybeText(metrics["prompt_tokens"]), MaybeText(metrics["generated_tokens"]), MaybeText(metrics["steps"]));
}

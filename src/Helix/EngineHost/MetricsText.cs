using Helix.Core.Telemetry;
using Helix.Engine.Scheduling;

namespace Helix.EngineHost;

/// <summary>The engine's numbers in Prometheus' text format. The names are documented and kept stable.</summary>
internal static class MetricsText
{
    private const string Prefix = "helix_engine_";

    public static void Write(ExpositionText text, EngineCounters counters, SchedulerSettings settings)
    {
        Value(text, "requests_running", MetricKind.Gauge, "Answers being written.", counters.Running);
        Value(text, "requests_waiting", MetricKind.Gauge, "Questions that wait for a slot.", counters.Waiting);
        Value(text, "slots", MetricKind.Gauge, "Answers that can be written at the same time.", settings.Slots);
        Value(text, "prompt_tokens_total", MetricKind.Counter, "Tokens of all prompts.", counters.PromptTokens);
        Value(text, "prompt_cached_tokens_total", MetricKind.Counter, "Tokens of prompts that had not to be computed again.", counters.CachedTokens);
        Value(text, "completion_tokens_total", MetricKind.Counter, "Tokens of all answers.", counters.CompletionTokens);
        Value(text, "kv_used_ratio", MetricKind.Gauge, "Share of the context memory that holds tokens, kept ones included.", (double)counters.KeptTokens / ((long)settings.Slots * settings.Context));
        Histogram(text, "first_token_seconds", "From the question to the first token of its answer.", counters.FirstToken);
        Histogram(text, "step_seconds", "One step, in which each answer being written gets one token.", counters.Step);
        Histogram(text, "answer_seconds", "From the question to the end of its answer.", counters.Answer);
    }

    private static void Value(ExpositionText text, string name, MetricKind kind, string help, double value)
    {
        text.Head(Prefix + name, kind, help);
        text.Sample(Labels.None, Labels.None, value);
    }

    private static void Histogram(ExpositionText text, string name, string help, SecondsHistogram histogram)
    {
        text.Head(Prefix + name, MetricKind.Histogram, help);
        var counts = new long[histogram.Bounds.Count + 1];
        for (var at = 0; at < counts.Length; at++) counts[at] = histogram.CountAt(at);
        text.Histogram(Labels.None, Labels.None, [.. histogram.Bounds], counts, histogram.Sum);
    }
}

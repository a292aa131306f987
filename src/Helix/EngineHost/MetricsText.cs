using System.Globalization;
using System.Text;
using Helix.Engine.Scheduling;

namespace Helix.EngineHost;

/// <summary>The engine's numbers in Prometheus' text format. The names are documented and kept stable.</summary>
internal static class MetricsText
{
    private const string Prefix = "helix_engine_";

    public static string Write(EngineCounters counters, SchedulerSettings settings)
    {
        var text = new StringBuilder();
        Value(text, "requests_running", "gauge", "Answers being written.", counters.Running);
        Value(text, "requests_waiting", "gauge", "Questions that wait for a slot.", counters.Waiting);
        Value(text, "slots", "gauge", "Answers that can be written at the same time.", settings.Slots);
        Value(text, "prompt_tokens_total", "counter", "Tokens of all prompts.", counters.PromptTokens);
        Value(text, "prompt_cached_tokens_total", "counter", "Tokens of prompts that had not to be computed again.", counters.CachedTokens);
        Value(text, "completion_tokens_total", "counter", "Tokens of all answers.", counters.CompletionTokens);
        Value(text, "kv_used_ratio", "gauge", "Share of the context memory that holds tokens, kept ones included.", (double)counters.KeptTokens / ((long)settings.Slots * settings.Context));
        Histogram(text, "first_token_seconds", "From the question to the first token of its answer.", counters.FirstToken);
        Histogram(text, "step_seconds", "One step, in which each answer being written gets one token.", counters.Step);
        Histogram(text, "answer_seconds", "From the question to the end of its answer.", counters.Answer);
        return text.ToString();
    }

    private static void Value(StringBuilder text, string name, string type, string help, double value)
    {
        Head(text, name, type, help);
        text.Append(CultureInfo.InvariantCulture, $"{Prefix}{name} {value}\n");
    }

    private static void Histogram(StringBuilder text, string name, string help, SecondsHistogram histogram)
    {
        Head(text, name, "histogram", help);
        var count = 0L;
        for (var i = 0; i < histogram.Bounds.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"{Prefix}{name}_bucket{{le=\"{histogram.Bounds[i]}\"}} {count += histogram.CountAt(i)}\n");
        count += histogram.CountAt(histogram.Bounds.Count);
        text.Append(CultureInfo.InvariantCulture, $"{Prefix}{name}_bucket{{le=\"+Inf\"}} {count}\n{Prefix}{name}_sum {histogram.Sum}\n{Prefix}{name}_count {count}\n");
    }

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {Prefix}{name} {help}\n# TYPE {Prefix}{name} {type}\n");
}

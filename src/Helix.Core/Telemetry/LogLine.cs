using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Helix.Core.Alerts;

namespace Helix.Core.Telemetry;

/// <summary>One message of helix's own log, as one line: whatever stands in the message, it begins no other.</summary>
/// <param name="Level">From 0, a trace, to 5, critical.</param>
/// <param name="Category">Who says it.</param>
/// <param name="Error">What an exception tells of itself; null for none.</param>
internal sealed record LogLine(DateTimeOffset At, int Level, string Category, string Message, string? Error)
{
    private const string Time = "time", Rank = "level", Who = "category", What = "message", Fault = "exception";

    private static readonly string[] s_levels = ["trace", "debug", "info", "warning", "error", "critical"];

    /// <summary>The same, as they stand in a line of text.</summary>
    private static readonly string[] s_marks = ["trce", "dbug", "info", "warn", "fail", "crit"];

    private string Moment => At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>For a person, without a line's end.</summary>
    /// <param name="number">Of this kind of message.</param>
    public string Text(int number) => Words(Moment, s_marks[Level], string.Create(CultureInfo.InvariantCulture, $"{Category}[{number}]"), Message, Error);

    /// <summary>For a program, without a line's end: an object with time, level, category, message, fields and, where there is one, an exception.</summary>
    /// <param name="fields">What stands in the message, by the names of its parts.</param>
    public string Json(IEnumerable<KeyValuePair<string, object?>> fields) => Encoding.UTF8.GetString(WrittenJson.Of(json =>
    {
        json.WriteString(Time, Moment);
        json.WriteString(Rank, s_levels[Level]);
        json.WriteString(Who, Category);
        json.WriteString(What, Message);
        json.WriteStartObject("fields");
        foreach (var (name, value) in fields)
        {
            json.WritePropertyName(name);
            Write(json, value);
        }

        json.WriteEndObject();
        if (Error is not null) json.WriteString(Fault, Error);
    }));

    /// <summary>A line of the log for a person, in whichever form it was written; any other line as it is.</summary>
    public static string Shown(string line)
    {
        if (!line.StartsWith($"{{\"{Time}\":", StringComparison.Ordinal)) return line;
        try
        {
            using var read = JsonDocument.Parse(line);
            return Part(Time) is { } time && Part(Rank) is { } level && Array.IndexOf(s_levels, level) is >= 0 and var at && Part(Who) is { } category && Part(What) is { } message
                ? Words(time, s_marks[at], category, message, Part(Fault))
                : line;

            string? Part(string name) => read.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            // cut somewhere in its middle, or written by somebody else
            return line;
        }
    }

    /// <summary>The same of several lines.</summary>
    public static string ShownAll(string lines) => lines.Length == 0 ? lines : string.Join('\n', lines.Split('\n').Select(Shown));

    private static string Words(string time, string mark, string category, string message, string? error) =>
        $"{OneLine(time)} {mark}: {OneLine(category)} {OneLine(message)}{(error is null ? "" : $" {OneLine(error)}")}";

    private static string OneLine(string text) => !text.Any(AlertWords.IsOdd) ? text : string.Concat(text.ReplaceLineEndings(" ").Select(letter => AlertWords.IsOdd(letter) ? ' ' : letter));

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case bool truth: json.WriteBooleanValue(truth); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case IFormattable other: json.WriteStringValue(other.ToString(null, CultureInfo.InvariantCulture)); break;
            // as a message shows it
            case IEnumerable list: json.WriteStringValue(string.Join(", ", list.Cast<object?>())); break;
            default: json.WriteStringValue(value.ToString()); break;
        }
    }
}

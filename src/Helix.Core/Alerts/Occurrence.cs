using System.Text.Json;
using System.Text.Json.Nodes;
using Helix.Core.History;
using Helix.Core.Security;

namespace Helix.Core.Alerts;

/// <summary>Something that happened, as the alerts hear of it.</summary>
/// <param name="Name">Of an alert its stable word (<c>disk_low</c>); of anything else its kind and word (<c>state.ready</c>).</param>
/// <param name="Words">What happened.</param>
internal sealed record Occurrence(DateTimeOffset At, string Name, Severity Severity, string? Provider, string? Subject, string Words)
{
    /// <summary>It was told as an alert, whatever is known of it here.</summary>
    public bool IsAlert { get; init; }

    /// <summary>What helix did about it; null for nothing.</summary>
    public string? Done { get; init; }

    /// <summary>What is left to do; null where it does not say.</summary>
    public string? Left { get; init; }

    public static Occurrence Of(HistoryEvent happened)
    {
        var isAlert = happened.Kind == HistoryKind.Alert;
        // only these have something to say beside their words, and others may have much
        var data = isAlert || happened is { Kind: HistoryKind.Security, What: FindingChanges.Cleared } ? Parse(happened.Data) : null;
        var name = isAlert ? happened.What
            : Text(data, FindingChanges.FindingKey) is { } finding ? $"{FindingChanges.Cleared}.{finding}"
            : $"{happened.Kind.Word()}.{happened.What}";
        return new(happened.At, name, happened.Severity, AlertWords.Clean(happened.Provider), AlertWords.Clean(happened.Subject), AlertWords.Clean(Text(data, FindingChanges.WhatKey) ?? happened.Words))
        {
            IsAlert = isAlert,
            Done = AlertWords.Clean(Text(data, FindingChanges.DoneKey)),
            Left = AlertWords.Clean(Text(data, FindingChanges.LeftKey)),
        };
    }

    private static JsonObject? Parse(string? data)
    {
        try
        {
            return data is null ? null : JsonNode.Parse(data) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonObject? data, string key) => data?[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}

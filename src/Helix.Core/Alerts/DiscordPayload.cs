using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>A message as a webhook of Discord takes it: https://docs.discord.com/developers/resources/webhook. Nobody is pinged, whatever the words are.</summary>
internal static class DiscordPayload
{
    public const int MostEmbeds = 10;

    /// <summary>Characters of an embed's description.</summary>
    public const int MostDescription = 4096;

    /// <summary>Characters of a field's value.</summary>
    public const int MostValue = 1024;

    /// <summary>Characters of all embeds together.</summary>
    public const int MostInAll = 6000;

    // far below what is allowed: a content of 2000, a title of 256, 25 fields
    private const int MostHead = 300, LongestLink = 100, LongestTitle = 60;

    /// <summary>The names of all fields of an embed.</summary>
    private const int Labels = 30;

    private const int Red = 0xC92A2A, Orange = 0xE8590C, Yellow = 0xF08C00, Blue = 0x1971C2, Green = 0x2B8A3E;

    public static byte[] Of(AlertMessage message) => WrittenJson.Of(json =>
    {
        json.WriteString("content", ChannelText.Fit(message.IsTest ? $"{AlertText.Title(message)}; {AlertText.Tried(message)}" : AlertText.Title(message), MostHead, ChannelText.Discord));
        json.WriteStartObject("allowed_mentions");
        json.WriteStartArray("parse");
        json.WriteEndArray();
        json.WriteEndObject();
        if (message.Entries.IsEmpty) return;

        var isAll = message.Entries.Length <= MostEmbeds && AlertText.More(message, message.Entries.Length) is null;
        ImmutableArray<AlertEntry> named = isAll ? message.Entries : [.. message.Entries.Take(MostEmbeds - 1)];
        var room = MostInAll / (isAll ? named.Length : named.Length + 1);
        json.WriteStartArray("embeds");
        foreach (var entry in named) Embed(json, entry, room);
        if (!isAll) Rest(json, message, named.Length);
        json.WriteEndArray();
    });

    private static void Embed(Utf8JsonWriter json, AlertEntry entry, int room)
    {
        // parts of what is left of the room; together they are less than the whole
        var words = room - LongestTitle - Labels;
        json.WriteStartObject();
        json.WriteString("title", ChannelText.Fit($"{AlertText.Word(entry).ToUpperInvariant()} {entry.Cause}", LongestTitle, ChannelText.Discord));
        json.WriteString("description", Description(entry, Math.Min(MostDescription, words * 45 / 100)));
        json.WriteNumber("color", ColourOf(entry));
        json.WriteString("timestamp", entry.Since.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        json.WriteStartArray("fields");
        Field(json, "when", AlertText.When(entry), words * 17 / 100);
        if (AlertText.Done(entry) is { } done) Field(json, "helix did", done, words * 20 / 100);
        if (AlertText.Left(entry) is { } left) Field(json, "left to do", left, words * 18 / 100);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>With the link as words: an address of this machine is none that Discord takes for an embed's own.</summary>
    private static string Description(AlertEntry entry, int room) => entry.Link.Length is > 0 and <= LongestLink
        ? $"{ChannelText.Fit(entry.What, room - entry.Link.Length - 1, ChannelText.Discord)}\n{entry.Link}"
        : ChannelText.Fit(entry.What, room, ChannelText.Discord);

    private static void Rest(Utf8JsonWriter json, AlertMessage message, int named)
    {
        var words = AlertText.More(message, named) ?? string.Create(CultureInfo.InvariantCulture, $"and {message.Entries.Length - named} more: helix alerts list");
        json.WriteStartObject();
        json.WriteString("description", message.Link.Length is > 0 and <= LongestLink ? $"{words}\n{message.Link}" : words);
        json.WriteEndObject();
    }

    private static void Field(Utf8JsonWriter json, string name, string value, int room)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        // an empty one is refused
        json.WriteString("value", string.IsNullOrWhiteSpace(value) ? "-" : ChannelText.Fit(value, Math.Min(MostValue, room), ChannelText.Discord));
        json.WriteEndObject();
    }

    private static int ColourOf(AlertEntry entry) => entry.Kind == NoteKind.Resolved ? Green : entry.Severity switch
    {
        Severity.Critical => Red,
        Severity.Error => Orange,
        Severity.Warning => Yellow,
        _ => Blue,
    };
}

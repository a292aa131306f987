using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Helix.Core.Alerts;

/// <summary>A message as Slack takes it, at an incoming webhook and as <c>chat.postMessage</c>: https://docs.slack.dev/reference/block-kit/blocks.</summary>
internal static class SlackPayload
{
    public const int MostBlocks = 50;

    /// <summary>Characters of one text.</summary>
    public const int MostText = 3000;

    /// <summary>Characters of a header.</summary>
    public const int MostHeader = 150;

    // together with their labels and the link less than MostText
    private const int MostWhat = 1000, MostWhen = 400, MostDone = 600, MostLeft = 500, MostLink = 300;

    /// <param name="place">Where a bot speaks; null at a webhook, which knows.</param>
    public static byte[] Of(AlertMessage message, string? place) => WrittenJson.Of(json =>
    {
        var title = AlertText.Title(message);
        if (place is not null) json.WriteString("channel", place);
        // for notifications, and for readers that show no blocks
        json.WriteString("text", ChannelText.Fit(title, MostText, ChannelText.Slack));
        json.WriteBoolean("unfurl_links", false);
        json.WriteBoolean("unfurl_media", false);
        json.WriteStartArray("blocks");
        Block(json, "header", "plain_text", ChannelText.Fit(title, MostHeader, ChannelText.Slack));
        if (message.IsTest) Block(json, "section", "mrkdwn", ChannelText.Fit(AlertText.Tried(message), MostText, ChannelText.Slack));
        // beside the header and what is told of the rest
        var named = message.Entries.Take(MostBlocks - 2).ToArray();
        foreach (var entry in named) Block(json, "section", "mrkdwn", TextOf(entry));
        if (AlertText.More(message, named.Length) is { } more) Block(json, "section", "mrkdwn", Link(message.Link, more));
        json.WriteEndArray();
    });

    private static string TextOf(AlertEntry entry)
    {
        var text = new StringBuilder($"*{AlertText.Word(entry).ToUpperInvariant()}* {ChannelText.Fit(entry.What, MostWhat, ChannelText.Slack)}\n{ChannelText.Fit(AlertText.When(entry), MostWhen, ChannelText.Slack)}\n");
        if (AlertText.Done(entry) is { } done) text.Append(CultureInfo.InvariantCulture, $"*helix did:* {ChannelText.Fit(done, MostDone, ChannelText.Slack)}\n");
        if (AlertText.Left(entry) is { } left) text.Append(CultureInfo.InvariantCulture, $"*left to do:* {ChannelText.Fit(left, MostLeft, ChannelText.Slack)}\n");
        return text.Append(Link(entry.Link, string.Create(CultureInfo.InvariantCulture, $"alert {entry.Id}"))).ToString();
    }

    /// <param name="words">Of helix's own.</param>
    private static string Link(string url, string words)
    {
        var fitted = string.Concat(url.Select(letter => letter switch { '&' => "&amp;", '<' => "%3C", '>' => "%3E", '|' => "%7C", _ => letter.ToString() }));
        return url.Length > 0 && fitted.Length <= MostLink ? $"<{fitted}|{words}>" : words;
    }

    private static void Block(Utf8JsonWriter json, string type, string kind, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteStartObject("text");
        json.WriteString("type", kind);
        json.WriteString("text", text);
        // else Slack makes links and mentions of words that only look like some
        if (kind == "mrkdwn") json.WriteBoolean("verbatim", true);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

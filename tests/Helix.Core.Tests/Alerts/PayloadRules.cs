using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Helix.Core.Tests.Alerts;

/// <summary>What Slack and Discord refuse, as their documents say it. Receivers of tests answer by it.</summary>
internal static partial class PayloadRules
{
    /// <returns>Why Slack would not take it; null where it would.</returns>
    public static string? OfSlack(string json)
    {
        var root = JsonNode.Parse(json)!.AsObject();
        if (root["blocks"] is not JsonArray { Count: > 0 and <= 50 } blocks) return "1 to 50 blocks";
        if ((string?)root["text"] is not { Length: > 0 and <= 3000 } fallback || HasMention(fallback)) return "the text";
        foreach (var block in blocks.Select(each => each!))
        {
            var (type, kind, text) = ((string?)block["type"], (string?)block["text"]?["type"], (string?)block["text"]?["text"] ?? "");
            if (HasMention(text)) return $"a mention in {text}";
            // https://docs.slack.dev/reference/block-kit/composition-objects/text-object: plain text has no such field, and without it Slack looks for links and mentions itself
            if ((bool?)block["text"]?["verbatim"] != (kind == "mrkdwn" ? true : (bool?)null)) return $"words that are not taken as they are, in {text}";
            switch (type, kind)
            {
                case ("header", "plain_text") when text.Length is > 0 and <= 150: break;
                case ("section", "mrkdwn") when text.Length is > 0 and <= 3000: break;
                default: return $"a {type} with {kind} of {text.Length} characters";
            }
        }

        return null;
    }

    /// <returns>Why Discord would not take it, or whom it would ping; null where it would take it and ping nobody.</returns>
    public static string? OfDiscord(string json)
    {
        var root = JsonNode.Parse(json)!.AsObject();
        if (root["allowed_mentions"]?["parse"] is not JsonArray { Count: 0 }) return "somebody may be pinged";
        var content = (string?)root["content"] ?? "";
        var embeds = root["embeds"] as JsonArray ?? new JsonArray();
        if (content.Length > 2000 || (content.Length == 0 && embeds.Count == 0)) return "the content";
        if (embeds.Count > 10) return "more than 10 embeds";
        var all = 0;
        foreach (var embed in embeds.Select(each => each!))
        {
            var (title, description) = ((string?)embed["title"] ?? "", (string?)embed["description"] ?? "");
            var fields = embed["fields"] as JsonArray ?? new JsonArray();
            if (title.Length > 256 || description.Length > 4096 || fields.Count > 25 || (title.Length == 0 && description.Length == 0)) return "an embed";
            all += title.Length + description.Length;
            foreach (var field in fields.Select(each => each!))
            {
                var (name, value) = ((string?)field["name"] ?? "", (string?)field["value"] ?? "");
                if (string.IsNullOrWhiteSpace(name) || name.Length > 256 || string.IsNullOrWhiteSpace(value) || value.Length > 1024) return "a field";
                all += name.Length + value.Length;
            }
        }

        return all > 6000 ? $"{all} characters in all" : null;
    }

    /// <summary>Anything between angle brackets that is no plain link.</summary>
    private static bool HasMention(string text) => PlainLink().Replace(text, "").AsSpan().IndexOfAny('<', '>') >= 0;

    [GeneratedRegex(@"<https?://[^<>|\s]*\|[^<>|]*>")]
    private static partial Regex PlainLink();
}

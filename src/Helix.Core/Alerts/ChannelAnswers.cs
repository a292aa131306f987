using System.Text;
using System.Text.Json;

namespace Helix.Core.Alerts;

/// <summary>What an answer over HTTP means for the message: taken, not now, or never.</summary>
internal static class ChannelAnswers
{
    /// <summary>Answers of Slack's API that pass by themselves: https://docs.slack.dev/reference/methods/chat.postMessage#errors.</summary>
    private static readonly string[] s_passing = ["ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"];

    private const int LongestSaid = 60;

    /// <param name="who">By its host.</param>
    /// <param name="after">That it asked for; null for nothing.</param>
    /// <param name="said">The beginning of its answer.</param>
    /// <param name="channel">To be set up anew where it will not have this.</param>
    public static Delivery Of(string who, int status, TimeSpan? after, string said, string channel) => status switch
    {
        >= 200 and < 300 => new Delivery.Sent(),
        429 => new Delivery.Later($"{who} has had too much of helix for now (429)", after),
        408 or 425 or >= 500 => new Delivery.Later($"{who} has trouble of its own ({status}){Said(said)}", after),
        >= 300 and < 400 => new Delivery.Refused($"{who} sends elsewhere ({status}), where helix does not follow; {Anew(channel)}"),
        401 or 403 or 404 or 410 => new Delivery.Refused($"{who} does not know this sender, or this place, any more ({status}){Said(said)}; {Anew(channel)}"),
        _ => new Delivery.Refused($"{who} will not have this message ({status}){Said(said)}"),
    };

    /// <summary>Slack's API answers 200 also where it says no, and says so in its body, of which the rest may be missing.</summary>
    public static Delivery OfSlackApi(string who, int status, TimeSpan? after, string said)
    {
        if (status != 200) return Of(who, status, after, said, ChannelNames.Slack);
        return Field(said, "ok") switch
        {
            true => new Delivery.Sent(),
            false when Field(said, "error") is string error => s_passing.Contains(error, StringComparer.Ordinal)
                ? new Delivery.Later($"{who} says {Word(error)}", after)
                : new Delivery.Refused($"{who} says {Word(error)}; {Anew(ChannelNames.Slack)}"),
            _ => new Delivery.Later($"{who} says something that cannot be read", after),
        };
    }

    /// <summary>How long Discord says in a body that is to be waited, more exactly than in its header.</summary>
    public static TimeSpan? DiscordWait(string said) => Field(said, "retry_after") is double seconds and >= 0 and < 86_400 ? TimeSpan.FromSeconds(seconds) : null;

    public static string Anew(string channel) => $"set it up anew: helix alerts setup {channel}";

    /// <summary>Why a channel refused, for whoever is told beside it what is left to do.</summary>
    public static string Why(string reason, string channel) => reason.Replace($"; {Anew(channel)}", "", StringComparison.Ordinal);

    /// <summary>A field of an object that may break off: a truth, a text or a number; null where it is not there, or something else.</summary>
    private static object? Field(string json, string name)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json), isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals(name)) continue;
                return !reader.Read() ? null : reader.TokenType switch
                {
                    JsonTokenType.True => true,
                    JsonTokenType.False => false,
                    JsonTokenType.String => reader.GetString(),
                    JsonTokenType.Number => reader.GetDouble(),
                    _ => null,
                };
            }
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException or FormatException)
        {
            // whoever answers like this has said nothing
        }

        return null;
    }

    /// <summary>What was said, where it is a few plain words: who answers with a page, or with the address he was asked at, may repeat what nobody is to read.</summary>
    private static string Said(string words)
    {
        var line = (Field(words, "message") as string ?? words).Trim();
        return line.Length is > 0 and <= LongestSaid && line.All(letter => char.IsAsciiLetter(letter) || letter is ' ' or '_' or '.' or ',') ? $": {line}" : "";
    }

    /// <summary>A word for programs, and nothing else that may stand in its place.</summary>
    private static string Word(string text) => new string([.. text.Take(LongestSaid).Where(letter => char.IsAsciiLetter(letter) || letter == '_')]);
}

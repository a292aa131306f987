using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Helix.Core.Clouds;
using Helix.Core.History;

namespace Helix.Core.Alerts;

/// <summary>A message for a receiver of one's own, and what proves that it is of this helix. <c>docs/ALERTS.md</c> tells the form.</summary>
internal static class WebhookPayload
{
    /// <summary>The same each time a message is tried: who has it already throws the second one away.</summary>
    public const string IdHeader = "Helix-Message-Id";

    /// <summary>When it was tried: seconds since 1970.</summary>
    public const string TimeHeader = "Helix-Timestamp";

    /// <summary>See <see cref="Signature"/>.</summary>
    public const string SignatureHeader = "Helix-Signature";

    public static byte[] Of(AlertMessage message) => WrittenJson.Of(json =>
    {
        json.WriteString("id", message.Key);
        json.WriteString("type", message.IsTest ? "test" : "alerts");
        json.WriteString("at", message.At);
        json.WriteString("severity", message.Severity.Word());
        json.WriteNumber("firing", message.Firing);
        json.WriteNumber("resolved", message.Resolved);
        json.WriteString("title", AlertText.Title(message));
        json.WriteString("text", AlertText.Plain(message));
        json.WriteString("link", message.Link);
        json.WriteStartArray("alerts");
        foreach (var entry in message.Entries) Entry(json, entry);
        json.WriteEndArray();
    });

    /// <summary><c>v1=</c> and HMAC-SHA256, in small hexadecimal digits, over the time, a full stop, and the body.</summary>
    /// <param name="time">As it stands in <see cref="TimeHeader"/>.</param>
    public static string Signature(Secret key, string time, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key.Reveal()));
        hash.AppendData(Encoding.UTF8.GetBytes($"{time}."));
        hash.AppendData(body);
        return $"v1={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private static void Entry(Utf8JsonWriter json, AlertEntry entry)
    {
        json.WriteStartObject();
        json.WriteNumber("id", entry.Id);
        json.WriteString("state", entry.Kind == NoteKind.Resolved ? "resolved" : "firing");
        json.WriteString("type", entry.Type.Word());
        json.WriteString("severity", entry.Severity.Word());
        json.WriteString("cause", entry.Cause);
        json.WriteString("provider", entry.Provider);
        json.WriteString("subject", entry.Subject);
        json.WriteString("what", entry.What);
        json.WriteString("since", entry.Since);
        json.WriteNumber("count", entry.Count);
        json.WriteString("done", entry.Done);
        json.WriteString("left", entry.Left);
        if (entry.Until is { } until) json.WriteString("until", until);
        else json.WriteNull("until");
        json.WriteString("end", entry.End);
        json.WriteBoolean("flapping", entry.IsFlapping);
        json.WriteBoolean("notice", entry.IsNotice);
        json.WriteString("link", entry.Link);
        json.WriteEndObject();
    }
}

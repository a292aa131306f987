using System.Buffers;
using System.Text;
using System.Text.Json;
using Helix.Core.Gateway;

namespace Helix.Core.Clouds;

/// <summary>What a cloud's refusal becomes before anybody is told of it.</summary>
internal static class CloudRefusal
{
    public const string KeyRefused = "cloud_key_refused";

    /// <summary>
    /// A cloud that does not take its key says so in words that may repeat a part of it, and with a status that would tell the client that
    /// its own key is wrong: both are replaced. Whatever else repeats the whole key does so without it.
    /// </summary>
    public static (UpstreamHead Head, ReadOnlyMemory<byte> Words) Told(CloudTarget cloud, UpstreamHead head, ReadOnlyMemory<byte> words)
    {
        if (head.Status is >= 300 and < 400) return (head with { Status = 502 }, words);
        if (IsOfKey(head.Status, words.Span))
            return (head with { Status = 502 }, Error($"{cloud.Id} does not accept the key that helix has for it. Give another one: {CloudProduct.LineFor(cloud.Id, cloud.Address, cloud.Words)}", KeyRefused));
        var key = Encoding.UTF8.GetBytes(cloud.Key.Reveal());
        return words.Span.IndexOf(key) < 0 ? (head, words) : (head, Without(words.Span, key));
    }

    /// <summary>It does not take the key. Google says so with a status of its own.</summary>
    public static bool IsOfKey(int status, ReadOnlySpan<byte> words) => status == 401 || (status == 400 && words.IndexOf("API_KEY_INVALID"u8) >= 0);

    /// <summary>Where a cloud has moved to is not followed: a key goes where its user sent it.</summary>
    public static byte[] Moved(CloudTarget cloud) => Error($"{cloud.Id} does not answer at {cloud.Address} but sends elsewhere, where helix does not follow. See which address it has now, and add that: helix cloud add URL --name {cloud.Id}", "cloud_moved");

    private static byte[] Without(ReadOnlySpan<byte> words, ReadOnlySpan<byte> key)
    {
        var told = new ArrayBufferWriter<byte>(words.Length);
        for (var at = words.IndexOf(key); at >= 0; at = words.IndexOf(key))
        {
            told.Write(words[..at]);
            told.Write("(key)"u8);
            words = words[(at + key.Length)..];
        }

        told.Write(words);
        return told.WrittenSpan.ToArray();
    }

    private static byte[] Error(string message, string code)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, message);
            json.WriteString("type"u8, "upstream_error"u8);
            json.WriteNull("param"u8);
            json.WriteString("code"u8, code);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}

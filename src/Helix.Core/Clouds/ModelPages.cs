using System.Text;
using System.Text.Json;
using Helix.Core.Fleet;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Clouds;

/// <summary>Puts the pages together in which Anthropic lists its models.</summary>
internal static class ModelPages
{
    /// <returns>The name after which the next page begins; null where this is the last.</returns>
    public static string? After(Heard page)
    {
        if (!page.IsOk) return null;
        try
        {
            using var document = JsonDocument.Parse(page.Text);
            var root = document.RootElement;
            return root.Any("has_more") is { ValueKind: JsonValueKind.True } && root.Any("last_id") is { ValueKind: JsonValueKind.String } last ? last.GetString() : null;
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <returns>One list of both, which says of what follows what the second says; no list where one of them is none.</returns>
    public static Heard Joined(Heard first, Heard second)
    {
        try
        {
            using var before = JsonDocument.Parse(first.Text);
            using var after = JsonDocument.Parse(second.Text);
            if (before.RootElement.Any("data") is not { ValueKind: JsonValueKind.Array } some || after.RootElement.Any("data") is not { ValueKind: JsonValueKind.Array } more) return second with { Text = "" };
            var root = after.RootElement;
            var list = DialectJson.Object(json =>
            {
                json.WriteStartArray("data"u8);
                foreach (var model in some.EnumerateArray()) model.WriteTo(json);
                foreach (var model in more.EnumerateArray()) model.WriteTo(json);
                json.WriteEndArray();
                json.Copy(root, "has_more", "has_more");
                json.Copy(root, "last_id", "last_id");
            });
            return second with { Text = Encoding.UTF8.GetString(list) };
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return second with { Text = "" };
        }
    }
}

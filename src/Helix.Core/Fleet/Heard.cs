using System.Text.Json;

namespace Helix.Core.Fleet;

/// <summary>What a server answered to a GET. Status 0: nothing that is HTTP.</summary>
internal sealed record Heard(int Status, string Text)
{
    public static Heard Nothing { get; } = new(0, "");

    public bool IsOk => Status == 200;

    /// <summary>It asks for a key, or for another one.</summary>
    public bool IsLocked => Status is 401 or 403;

    /// <summary>Its body, or the text at a path of keys in it; null where that is not there.</summary>
    /// <param name="path">Keys with dots between, for example <c>data.owned_by</c>.</param>
    public string? At(string path)
    {
        try
        {
            using var body = JsonDocument.Parse(Text);
            return ListedModels.At(body.RootElement, path).FirstOrDefault();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public bool Has(string key)
    {
        try
        {
            using var body = JsonDocument.Parse(Text);
            return body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty(key, out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

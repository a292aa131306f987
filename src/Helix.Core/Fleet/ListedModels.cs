using System.Text.Json;

namespace Helix.Core.Fleet;

/// <summary>Finds texts in an answer by the names of keys.</summary>
internal static class ListedModels
{
    /// <summary>The texts at a path; a list on the way means each of its items.</summary>
    /// <param name="path">Keys with dots between, for example <c>data.id</c>.</param>
    public static IEnumerable<string> At(JsonElement answer, string path)
    {
        JsonElement[] level = Items(answer);
        foreach (var key in path.Split('.'))
            level = [.. level.Where(element => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out _)).SelectMany(element => Items(element.GetProperty(key)))];
        return level.Where(element => element.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            .Select(element => element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText());
    }

    private static JsonElement[] Items(JsonElement element) => element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [element];
}

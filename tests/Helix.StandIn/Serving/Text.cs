using System.Text.Json.Nodes;

namespace Helix.StandIn.Serving;

/// <summary>The stand-in's own idea of tokens: one for each word, with the blank before it.</summary>
internal static class Text
{
    public static IReadOnlyList<string> Pieces(string text)
    {
        var pieces = new List<string>();
        for (var from = 0; from < text.Length;)
        {
            var next = text.IndexOf(' ', from + 1);
            pieces.Add(text[from..(next < 0 ? text.Length : next)]);
            from = next < 0 ? text.Length : next;
        }

        return pieces;
    }

    public static int Count(string text) => Pieces(text).Count;

    /// <summary>Numbers that depend on the text only.</summary>
    public static JsonArray Tokens(string text) => [.. Pieces(text).Select(piece => (JsonNode)Hash(piece))];

    /// <summary>A unit vector of eight numbers that depends on the text only.</summary>
    public static float[] Vector(string text)
    {
        var vector = new float[8];
        for (var i = 0; i < vector.Length; i++) vector[i] = (Hash($"{i}{text}") % 1000) - 499.5f;
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }

    /// <summary>FNV-1a, below 30,000.</summary>
    private static int Hash(string text)
    {
        var hash = 2166136261;
        foreach (var letter in text) hash = (hash ^ letter) * 16777619;
        return (int)(hash % 30_000);
    }
}

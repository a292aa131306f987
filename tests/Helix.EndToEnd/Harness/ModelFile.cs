using Helix.Core.Models;

namespace Helix.EndToEnd.Harness;

/// <summary>Models that a real engine answers with one known text.</summary>
internal static class ModelFile
{
    /// <summary>Writes a scripted model and gives its path.</summary>
    public static string Write(string folder, string name, string answer, string? template = ScriptedGguf.ChatMl, int contextLength = 32768)
    {
        var path = Path.Combine(folder, name + ".gguf");
        File.WriteAllBytes(path, ScriptedGguf.Make(answer, name, contextLength, template));
        return path;
    }

    /// <summary>Writes a model that goes on from wherever its answer stands at the end of a prompt, and gives its path.</summary>
    /// <param name="answer">No character twice.</param>
    public static string WriteSpelled(string folder, string name, string answer)
    {
        var path = Path.Combine(folder, name + ".gguf");
        File.WriteAllBytes(path, ScriptedGguf.OfPieces([.. answer.EnumerateRunes().Select(rune => new ScriptedPiece(rune.ToString(), IsByte: false))], name));
        return path;
    }

    /// <summary>Writes a model that answers everything with one call of a tool, by a template that knows tools, and gives its path.</summary>
    /// <param name="arguments">JSON, in the order of the tool's schema and as its blanks are usually set: an engine may hold the answer to that.</param>
    public static string WriteCalling(string folder, string name, string tool, string arguments) =>
        Write(folder, name, ToolTemplate.Call(tool, arguments), ToolTemplate.Text);

    /// <summary>A text of so many characters, no two the same.</summary>
    public static string Characters(int count) => string.Concat(Enumerable.Range(0x4E00, count).Select(code => (char)code));

    /// <summary>A text of so many words, no two the same.</summary>
    public static string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(number => $"word{number}"));
}

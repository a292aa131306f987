namespace Helix.StandIn.Poses;

/// <summary>What an engine sees of the model that it is given.</summary>
internal static class ModelFiles
{
    public static bool IsGguf(string path)
    {
        if (!File.Exists(path)) return false;
        using var file = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        return file.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("GGUF"u8);
    }

    /// <summary>A folder in the manner of Hugging Face.</summary>
    public static bool IsFolder(string path) => File.Exists(Path.Combine(path, "config.json"));

    /// <summary>The name without folder and without the ending of a GGUF file.</summary>
    public static string Name(string path)
    {
        var name = Path.GetFileName(path.TrimEnd('/'));
        return name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? name[..^5] : name;
    }
}

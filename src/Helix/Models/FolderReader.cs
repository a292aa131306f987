using Helix.Core.Models;

namespace Helix.Models;

/// <summary>Reads what a model folder says of itself: its small files, and the headers of its weights.</summary>
internal static class FolderReader
{
    private const int MaxTextBytes = 32 << 20;
    private const int MaxReadmeBytes = 64 << 10;
    private const int MaxFiles = 4096;

    /// <summary>Every file that could belong to the model, with the length of what a link leads to.</summary>
    /// <exception cref="IOException">It cannot be read, or a link leads nowhere.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IReadOnlyList<FolderFile> Files(string folder)
    {
        var parts = Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!).Where(FolderShape.IsPart);
        var names = Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)!).Where(name => !name.StartsWith('.'))
            .Concat(parts.SelectMany(part => Directory.EnumerateFiles(Path.Combine(folder, part)).Select(path => $"{part}/{Path.GetFileName(path)}")));
        return [.. names.Take(MaxFiles).Order(StringComparer.Ordinal).Select(name => new FolderFile(name, LengthOf(folder, name)))];
    }

    /// <returns>Either the model or why it is none.</returns>
    /// <exception cref="IOException">It cannot be read, or a link leads nowhere.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static async Task<(ModelFolder? Folder, FolderRefusal? Refusal)> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var files = Files(folder);
        var index = files.FirstOrDefault(file => file.Name == "model" + FolderShape.IndexEnd)?.Name ?? files.FirstOrDefault(file => file.Name.EndsWith(FolderShape.IndexEnd, StringComparison.Ordinal))?.Name;
        var map = index is null ? null : await TextAsync(folder, index, cancellationToken);
        var (shape, refusal) = FolderShape.Of(files, map);
        if (shape is null) return (null, refusal);

        var weights = new Dictionary<string, SafetensorsReading>(StringComparer.Ordinal);
        foreach (var name in shape.Weights) weights[name] = await SafetensorsFile.ReadAsync(Path.Combine(folder, name), cancellationToken);
        var texts = new FolderTexts(
            await TextAsync(folder, FolderShape.Config, cancellationToken) ?? default,
            await TextAsync(folder, "tokenizer_config.json", cancellationToken),
            Utf8(await TextAsync(folder, "chat_template.jinja", cancellationToken)),
            Utf8(await HeadAsync(folder, "README.md", cancellationToken)),
            files.Any(file => file.Name == "modules.json"));
        return ModelFolder.Of(shape, texts, weights);
    }

    private static string? Utf8(ReadOnlyMemory<byte>? bytes) => bytes is { } text ? System.Text.Encoding.UTF8.GetString(text.Span) : null;

    /// <summary>Null where there is none, and where it is too large to be what its name says.</summary>
    private static async Task<ReadOnlyMemory<byte>?> TextAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) && GgufFile.LengthOf(path) is > 0 and <= MaxTextBytes ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
    }

    private static async Task<ReadOnlyMemory<byte>?> HeadAsync(string folder, string name, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path) || GgufFile.LengthOf(path) == 0) return null;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var head = new byte[MaxReadmeBytes];
        return head.AsMemory(0, await RandomAccess.ReadAsync(file, head, 0, cancellationToken));
    }

    private static long LengthOf(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { Exists: false } ? throw new IOException($"{path} is a link that leads nowhere") : GgufFile.LengthOf(path);
    }
}

namespace Helix.Core.Models;

/// <summary>What the head of a model folder's README says: lines of YAML between two lines of dashes.</summary>
internal sealed record FolderCard(string? License, bool IsMlx)
{
    public static FolderCard Read(string text)
    {
        var lines = text.Split('\n', 400).Select(line => line.TrimEnd('\r', ' ')).ToArray();
        if (lines is not ["---", ..]) return new(null, false);
        var (license, mlx) = (default(string), false);
        foreach (var line in lines.Skip(1).TakeWhile(line => line != "---"))
        {
            if (line.StartsWith("license:", StringComparison.Ordinal) && line["license:".Length..].Trim(' ', '"', '\'') is { Length: > 0 and <= 100 } said) license = said;
            mlx |= line is "library_name: mlx" || line.Trim() is "- mlx";
        }

        return new(license, mlx);
    }
}

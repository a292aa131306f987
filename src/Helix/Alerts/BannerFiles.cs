using Helix.Storage;

namespace Helix.Alerts;

/// <summary>Two small files by which the daemon has a word with whoever types the next command: reading them costs a command next to nothing, and asks nobody.</summary>
internal sealed class BannerFiles(HelixHome home)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Nobody reads more.</summary>
    private const int MostLines = 5;

    /// <summary>Between the key of a message and its line.</summary>
    private const char Tab = '\t';

    /// <summary>Shows this with each command from now on; null: nothing any more.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public void Show(string? line)
    {
        if (line is null) File.Delete(home.AlertBanner);
        else Write(home.AlertBanner, [line]);
    }

    /// <summary>Shows this once, with the next command. A message that stands there already is not added again.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written.</exception>
    public void AddNews(string key, string line)
    {
        var known = Lines(home.AlertNews);
        if (known.Any(each => each.StartsWith(key + Tab, StringComparison.Ordinal))) return;
        Write(home.AlertNews, [.. known.TakeLast(MostLines - 1), $"{key}{Tab}{line}"]);
    }

    /// <summary>What a command shows: the banner, and the news, which are shown by nobody else afterwards.</summary>
    public IReadOnlyList<string> Take()
    {
        try
        {
            return [.. Lines(home.AlertBanner), .. TakeNews()];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // the daemon's own list has all of it; no command fails for this
            return [];
        }
    }

    private string[] TakeNews()
    {
        if (!File.Exists(home.AlertNews)) return [];
        // two commands at the same moment: one of them has it
        var mine = $"{home.AlertNews}.{Environment.ProcessId}";
        try
        {
            File.Move(home.AlertNews, mine, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            return [];
        }

        string[] lines = [.. Lines(mine).Select(line => line[(line.IndexOf(Tab, StringComparison.Ordinal) + 1)..])];
        File.Delete(mine);
        return lines;
    }

    private static string[] Lines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    private static void Write(string path, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, HomeFolder.OwnerOnly);
        var beside = path + ".new";
        using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OperatingSystem.IsWindows() ? null : OwnerOnly }))
        using (var writer = new StreamWriter(file))
            foreach (var line in lines) writer.Write(line.ReplaceLineEndings(" ") + "\n");
        File.Move(beside, path, overwrite: true);
    }
}

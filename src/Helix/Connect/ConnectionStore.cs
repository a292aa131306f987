using System.Globalization;
using System.Text.Json;
using Helix.Configuration;
using Helix.Storage;

namespace Helix.Connect;

/// <summary>A folder for each tool that was set up: what was set, and the tool's file as it was before.</summary>
internal sealed class ConnectionStore(HelixHome home)
{
    private const string BeforeFolder = "before";
    private const string FirstFolder = "first";

    /// <returns>Null where the tool was not set up.</returns>
    /// <exception cref="IOException">What is kept cannot be read.</exception>
    public Connection? Read(string tool)
    {
        var path = FileOf(tool);
        try
        {
            return ConfigFile.Read(path) switch
            {
                FileText.Is("") => null,
                FileText.Is(var text) => JsonSerializer.Deserialize(text, ConnectionJson.Default.Connection),
                FileText.Refused(var why) => throw new IOException(why),
                _ => null,
            };
        }
        catch (JsonException damaged)
        {
            throw new IOException($"{path} is damaged: {damaged.Message}", damaged);
        }
    }

    /// <summary>The tool's file as it was without helix; null where there was none, or where its copy is not there any more.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public string? Before(Connection connection) => connection is { Existed: true, Path: { } path } ? Copy(connection.Tool, BeforeFolder, path) : null;

    /// <summary>There was a file, and nobody knows any more what was in it.</summary>
    public bool IsLost(Connection connection) => connection is { Existed: true, Path: { } path } && !File.Exists(CopyOf(connection.Tool, BeforeFolder, path));

    /// <summary>The tool's file as it was before helix wrote it for the first time, where that is still known.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public string? Original(Connection connection) =>
        connection.Path is { } path ? Copy(connection.Tool, FirstFolder, path) ?? Copy(connection.Tool, BeforeFolder, path) : null;

    /// <summary>Keeps what <see cref="Before"/> gives as the original, since another text is to take its place.</summary>
    /// <exception cref="IOException">The home cannot be written.</exception>
    public void KeepOriginal(Connection connection, string before)
    {
        if (connection.Path is { } path && CopyOf(connection.Tool, FirstFolder, path) is var first && !File.Exists(first)) ConfigFile.Write(first, before);
    }

    /// <exception cref="IOException">The home cannot be written.</exception>
    public void Write(Connection connection, string? before)
    {
        HomeFolder.Make(home);
        if (connection.Path is { } path && before is not null) ConfigFile.Write(CopyOf(connection.Tool, BeforeFolder, path), before);
        ConfigFile.Write(FileOf(connection.Tool), JsonSerializer.Serialize(connection, ConnectionJson.Default.Connection));
    }

    /// <summary>Puts the original where it is never removed.</summary>
    /// <returns>Where it is now.</returns>
    public string SetAside(Connection connection, DateTimeOffset at)
    {
        var folder = home.Connection(connection.Tool);
        var first = Path.Combine(folder, FirstFolder);
        string aside;
        do
        {
            aside = Path.Combine(folder, $"undone-{at.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}");
            at = at.AddSeconds(1);
        }
        while (Directory.Exists(aside));

        Directory.Move(Directory.Exists(first) ? first : Path.Combine(folder, BeforeFolder), aside);
        return Path.Combine(aside, Path.GetFileName(connection.Path!));
    }

    /// <summary>The tool is not set up any more. What was set aside stays.</summary>
    public void Remove(string tool)
    {
        var folder = home.Connection(tool);
        if (!Directory.Exists(folder)) return;
        File.Delete(FileOf(tool));
        foreach (var copies in ((string[])[BeforeFolder, FirstFolder]).Select(name => Path.Combine(folder, name)).Where(Directory.Exists)) Directory.Delete(copies, recursive: true);
        ToolFile.RemoveEmpty([folder]);
    }

    private string? Copy(string tool, string folder, string path) => ConfigFile.Read(CopyOf(tool, folder, path)) switch
    {
        FileText.Refused(var why) => throw new IOException(why),
        FileText.Is(var text) when File.Exists(CopyOf(tool, folder, path)) => text,
        _ => null,
    };

    private string FileOf(string tool) => Path.Combine(home.Connection(tool), "connection.json");

    private string CopyOf(string tool, string folder, string path) => Path.Combine(home.Connection(tool), folder, Path.GetFileName(path));
}

using System.Text.Json;
using Helix.Configuration;
using Helix.Storage;

namespace Helix.Connect;

/// <summary>A folder for each tool that was set up: what was set, and the tool's file as it was before.</summary>
internal sealed class ConnectionStore(HelixHome home)
{
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

    /// <summary>The tool's file as it was before; null where there was none.</summary>
    /// <exception cref="IOException">It is not there any more.</exception>
    public string? Before(Connection connection) => connection is not { Existed: true, Path: { } path } ? null : ConfigFile.Read(CopyOf(connection.Tool, path)) switch
    {
        FileText.Refused(var why) => throw new IOException(why),
        FileText.Is(var text) when File.Exists(CopyOf(connection.Tool, path)) => text,
        _ => throw new IOException($"{CopyOf(connection.Tool, path)} is not there any more"),
    };

    /// <exception cref="IOException">The home cannot be written.</exception>
    public void Write(Connection connection, string? before)
    {
        HomeFolder.Make(home);
        if (connection.Path is { } path && before is not null) ConfigFile.Write(CopyOf(connection.Tool, path), before);
        ConfigFile.Write(FileOf(connection.Tool), JsonSerializer.Serialize(connection, ConnectionJson.Default.Connection));
    }

    public void Remove(string tool)
    {
        if (Directory.Exists(home.Connection(tool))) Directory.Delete(home.Connection(tool), recursive: true);
    }

    private string FileOf(string tool) => Path.Combine(home.Connection(tool), "connection.json");

    private string CopyOf(string tool, string path) => Path.Combine(home.Connection(tool), "before", Path.GetFileName(path));
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Storage;

namespace Helix.Alerts;

/// <summary>A channel as it is kept.</summary>
/// <param name="SealedSetup">All that was said of it, by <see cref="Clouds.CloudSeal"/>.</param>
internal sealed record ChannelNote(string Id, string SealedSetup, DateTimeOffset Since)
{
    /// <summary>What is sealed for one channel opens for no other.</summary>
    [JsonIgnore]
    public string Purpose => $"alerts\n{Id}";
}

internal sealed record ChannelNotes(ImmutableArray<ChannelNote> Channels)
{
    public static ChannelNotes Empty { get; } = new([]);
}

/// <summary>Remembers which channels were set up, in a file that only this user can read.</summary>
internal sealed class ChannelBook(HelixHome home)
{
    private readonly string _file = Path.Combine(home.State, "channels.json");

    /// <exception cref="IOException">It is there and cannot be read; it is laid aside, so that nothing writes over it.</exception>
    public ChannelNotes Read()
    {
        try
        {
            return File.Exists(_file) && JsonSerializer.Deserialize(File.ReadAllBytes(_file), ChannelBookJson.Default.ChannelNotes) is { Channels.IsDefault: false } notes ? notes : ChannelNotes.Empty;
        }
        catch (Exception unreadable) when (unreadable is UnauthorizedAccessException or JsonException)
        {
            LayAside();
            throw new IOException($"{_file} cannot be read, and is kept as {_file}.unreadable: {unreadable.Message}", unreadable);
        }
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(ChannelNotes notes)
    {
        try
        {
            Directory.CreateDirectory(home.State);
            var beside = _file + ".new";
            using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                JsonSerializer.Serialize(file, notes, ChannelBookJson.Default.ChannelNotes);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, _file, overwrite: true);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    /// <exception cref="IOException">It has to stay where it is.</exception>
    private void LayAside()
    {
        try
        {
            File.Move(_file, _file + ".unreadable", overwrite: true);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"{_file} can neither be read nor laid aside: {refused.Message}", refused);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ChannelNotes))]
internal sealed partial class ChannelBookJson : JsonSerializerContext;

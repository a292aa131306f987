using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Storage;

namespace Helix.Clouds;

/// <summary>A cloud as it is kept.</summary>
/// <param name="SealedKey">By <see cref="CloudSeal"/>.</param>
/// <param name="Models">Their names.</param>
/// <param name="IsChosen">The user named the models: the cloud's own list does not matter.</param>
/// <param name="Speaks">openai or anthropic; null for what is usual at its address.</param>
internal sealed record CloudNote(string Id, string Url, string SealedKey, DateTimeOffset Added, ImmutableArray<string> Models, bool IsChosen, string? Speaks = null)
{
    /// <summary>What the key is for; it opens nothing else.</summary>
    [JsonIgnore]
    public string Purpose => $"{Id}\n{Url}";
}

internal sealed record CloudNotes(ImmutableArray<CloudNote> Clouds)
{
    public static CloudNotes Empty { get; } = new([]);
}

/// <summary>Remembers which clouds the user added, in a file that only this user can read.</summary>
internal sealed class CloudBook(HelixHome home)
{
    private readonly string _file = Path.Combine(home.State, "clouds.json");

    /// <exception cref="IOException">It is there and cannot be read; it is laid aside, so that nothing writes over it.</exception>
    public CloudNotes Read()
    {
        try
        {
            return File.Exists(_file) && JsonSerializer.Deserialize(File.ReadAllBytes(_file), CloudBookJson.Default.CloudNotes) is { Clouds.IsDefault: false } notes && notes.Clouds.All(note => !note.Models.IsDefault) ? notes : CloudNotes.Empty;
        }
        catch (Exception unreadable) when (unreadable is UnauthorizedAccessException or JsonException)
        {
            LayAside();
            throw new IOException($"{_file} cannot be read, and is kept as {_file}.unreadable: {unreadable.Message}", unreadable);
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

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(CloudNotes notes)
    {
        try
        {
            Directory.CreateDirectory(home.State);
            var beside = _file + ".new";
            using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                JsonSerializer.Serialize(file, notes, CloudBookJson.Default.CloudNotes);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, _file, overwrite: true);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CloudNotes))]
internal sealed partial class CloudBookJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Helix.Processes;

/// <summary>What <see cref="GroupVerb"/> keeps.</summary>
/// <param name="Before">Command lines that are run to their end, in this order.</param>
/// <param name="Processes">Kept running; empty: what was run before goes on by itself.</param>
/// <param name="After">Command lines that stop it.</param>
/// <param name="StopSeconds">How long stopping may take.</param>
internal sealed record GroupSpec(
    IReadOnlyList<IReadOnlyList<string>> Before, IReadOnlyList<GroupProcess> Processes, IReadOnlyList<IReadOnlyList<string>> After, double StopSeconds)
{
    /// <summary>Sockets that lead to ports which nobody outside can reach.</summary>
    public IReadOnlyList<GroupRelay> Relays { get; init; } = [];

    [JsonIgnore]
    public string Text => JsonSerializer.Serialize(this, GroupJson.Default.GroupSpec);

    public static GroupSpec? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, GroupJson.Default.GroupSpec);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="Ready">Path on <paramref name="Port"/> that must answer before the next one is started; null: at once.</param>
internal sealed record GroupProcess(IReadOnlyList<string> Words, string? Ready, int Port);

/// <param name="Socket">Path of a unix socket.</param>
/// <param name="Port">Of 127.0.0.1.</param>
internal sealed record GroupRelay(string Socket, int Port);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(GroupSpec))]
internal sealed partial class GroupJson : JsonSerializerContext;

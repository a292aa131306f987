using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Storage;

namespace Helix.Fleet;

/// <summary>What helix gave to an engine, and must know again after the daemon was replaced.</summary>
/// <param name="Ports">Of 127.0.0.1; three, of which an engine uses one or more.</param>
/// <param name="Key">What it asks its callers for.</param>
/// <param name="AdminKey">For what changes the engine itself.</param>
internal sealed record EngineGrant(ImmutableArray<int> Ports, string Key, string AdminKey)
{
    /// <summary>How often it ran out of memory.</summary>
    public int Shrunk { get; init; }

    /// <summary>How it was started last: see <see cref="LaunchMark"/>; null where an older helix started it.</summary>
    public string? Mark { get; init; }
}

/// <summary>Hands out ports and keys to engines, and remembers them in a file that only this user can read.</summary>
internal sealed class EngineBook
{
    private const int PortsEach = 3;

    /// <summary>Below the range that systems hand out by themselves, so that nobody gets one by chance.</summary>
    private const int FirstPort = 24_360;
    private const int LastPort = 29_999;

    private readonly Lock _writing = new();
    private readonly string _file;

    private readonly string _home;
    private readonly Dictionary<string, EngineGrant> _grants;

    public EngineBook(HelixHome home)
    {
        _file = Path.Combine(home.State, "engines.json");
        _home = home.State;
        _grants = Read();
    }

    /// <summary>Where this home begins to look: two homes that hand out ports at the same moment seldom meet. Counted only when it is needed: it loads OpenSSL.</summary>
    private int FirstOffset => (int)(BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(_home))) % (LastPort - FirstPort));

    /// <summary>The same for the same name, until <see cref="Replaced"/> finds that somebody else took a port.</summary>
    /// <exception cref="IOException">No port is free.</exception>
    public EngineGrant Of(string name)
    {
        lock (_writing) return _grants.TryGetValue(name, out var known) && !known.Ports.IsDefaultOrEmpty ? known : Remember(name, new(FreePorts(), NewKey(), NewKey()) { Mark = known?.Mark, Shrunk = known?.Shrunk ?? 0 });
    }

    /// <summary>Asked while no engine of this name runs: hands out other ports where one of its own is taken.</summary>
    /// <returns>The port that somebody else has; null if all are free.</returns>
    /// <exception cref="IOException">No port is free.</exception>
    public int? Replaced(string name)
    {
        lock (_writing)
        {
            if (!_grants.TryGetValue(name, out var grant) || grant.Ports.Where(port => !IsFree(port)).Select(port => (int?)port).FirstOrDefault() is not { } taken) return null;
            Remember(name, grant with { Ports = FreePorts() });
            return taken;
        }
    }

    /// <summary>See <see cref="FleetTools.Hindrance"/>: with the ports that are handed out now, the fleet makes another instance of it.</summary>
    public string? Hindrance(InstanceSpec spec) =>
        spec.Port is { } port && (Replaced(spec.Name) is not null || !Of(spec.Name).Ports.Contains(port)) ? "somebody else has taken its port: it gets another one" : null;

    /// <summary>How often engines ran out of memory, by name.</summary>
    public ImmutableDictionary<string, int> Shrunk
    {
        get
        {
            lock (_writing) return _grants.Where(grant => grant.Value.Shrunk > 0).ToImmutableDictionary(grant => grant.Key, grant => grant.Value.Shrunk, StringComparer.Ordinal);
        }
    }

    public void NoteShrunk(ImmutableDictionary<string, int> shrunk)
    {
        lock (_writing)
            foreach (var name in shrunk.Keys.Union(_grants.Keys).ToArray())
            {
                var grant = _grants.GetValueOrDefault(name) ?? new([], "", "");
                if (grant.Shrunk != shrunk.GetValueOrDefault(name)) Remember(name, grant with { Shrunk = shrunk.GetValueOrDefault(name) });
            }
    }

    /// <summary>It is about to be started like this.</summary>
    public void NoteLaunch(InstanceSpec spec)
    {
        var mark = LaunchMark.Of(spec);
        lock (_writing)
        {
            // who answers on a socket needs neither port nor key
            var grant = _grants.GetValueOrDefault(spec.Name) ?? new([], "", "");
            if (grant.Mark != mark) Remember(spec.Name, grant with { Mark = mark });
        }
    }

    /// <summary>What runs under its name was started like this, as far as is known.</summary>
    public bool IsAsLaunched(InstanceSpec spec)
    {
        lock (_writing) return !_grants.TryGetValue(spec.Name, out var grant) || grant.Mark is not { } mark || mark == LaunchMark.Of(spec);
    }

    /// <summary>An engine of helix has it, or had it.</summary>
    public bool HasGiven(int port)
    {
        lock (_writing) return _grants.Values.Any(grant => grant.Ports.Contains(port));
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Where the disk refuses, what was given is known to this daemon alone: the next one ends such an engine and starts it anew.</summary>
    private EngineGrant Remember(string name, EngineGrant grant)
    {
        _grants[name] = grant;
        try
        {
            Write();
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
        }

        return grant;
    }

    private void Write()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        var beside = _file + ".new";
        using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            JsonSerializer.Serialize(file, _grants, EngineBookJson.Default.DictionaryStringEngineGrant);
        File.Move(beside, _file, overwrite: true);
    }

    private ImmutableArray<int> FreePorts()
    {
        var given = _grants.Values.SelectMany(grant => grant.Ports).ToHashSet();
        const int Count = LastPort - FirstPort;
        var first = FirstOffset;
        var ports = Enumerable.Range(0, Count).Select(number => FirstPort + (first + number) % Count).Where(port => !given.Contains(port) && IsFree(port)).Take(PortsEach).ToImmutableArray();
        return ports.Length == PortsEach ? ports : throw new IOException($"no port from {FirstPort} to {LastPort} is free");
    }

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>A file that cannot be read is as good as none: engines that still run are asked to stop, and started anew.</summary>
    private Dictionary<string, EngineGrant> Read()
    {
        try
        {
            return File.Exists(_file) ? JsonSerializer.Deserialize(File.ReadAllBytes(_file), EngineBookJson.Default.DictionaryStringEngineGrant) ?? [] : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Dictionary<string, EngineGrant>))]
internal sealed partial class EngineBookJson : JsonSerializerContext;

using System.Globalization;
using System.Text.Json;
using Helix.Bench.Wire;

namespace Helix.Bench.Peers;

/// <summary>The engine behind all fronts, <c>bench/load/mock.c</c>: one process that listens on a port and on any number of sockets.</summary>
internal sealed class LoadMock : IDisposable
{
    private readonly Child _child;

    private LoadMock(Child child, Place place) => (_child, Place) = (child, place);

    public int Pid => _child.Pid;

    public Place Place { get; }

    public static LoadMock Start(Setting setting, string model, params IEnumerable<string> sockets)
    {
        var port = Place.FreePort();
        var child = Child.Start(setting.Log("mock"), Path.Combine(setting.Load, "mock"), ["-m", model, "-p", port.ToString(CultureInfo.InvariantCulture), .. sockets.SelectMany(socket => (string[])["-u", socket])]);
        try
        {
            var place = Place.Loopback(port);
            child.WaitFor(place, "/health", answer => answer.Status == 200);
            return new LoadMock(child, place);
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }

    /// <summary>Streams that it has begun, and those of which it saw that their reader left before their end.</summary>
    public (long Begun, long Left) Streams()
    {
        using var link = new HttpLink(Place);
        using var counts = JsonDocument.Parse(link.Get("/counts").Text);
        return (counts.RootElement.GetProperty("streams").GetInt64(), counts.RootElement.GetProperty("left").GetInt64());
    }

    public void Dispose() => _child.Dispose();
}

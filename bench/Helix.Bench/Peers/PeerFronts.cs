using System.Globalization;
using Helix.Bench.Measuring;
using Helix.Bench.Wire;

namespace Helix.Bench.Peers;

/// <summary>HAProxy, YARP and Portkey's gateway, as many of them as are to be had, each set up as its documentation has it for streams.</summary>
internal sealed class PeerFronts : IDisposable
{
    private readonly List<Child> _children = [];
    private readonly List<Contender> _running = [];

    public IReadOnlyList<Contender> Running => _running;

    /// <param name="socket">Of the engine.</param>
    /// <param name="engine">The same, for who cannot ask sockets.</param>
    public static PeerFronts Start(Setting setting, string socket, Place engine)
    {
        var fronts = new PeerFronts();
        try
        {
            fronts.Add(setting, "HAProxy", setting.Haproxy, "/v1/models", port => [setting.Haproxy, "-db", "-q", "-f", Haproxy(setting, socket, port)]);
            fronts.Add(setting, "YARP", setting.Yarp, "/v1/models", port => [setting.Yarp, port, socket]);
            // it listens on all addresses, if it is not kept from that
            var (loopback, portkey) = (Path.Combine(setting.Portkey, "loopback.cjs"), Path.Combine(setting.Portkey, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js"));
            fronts.Add(setting, "Portkey", portkey, "/", port => ["node", "--require", loopback, portkey, "--port=" + port, "--headless"], "x-portkey-provider: openai", $"x-portkey-custom-host: http://{engine}/v1");
            return fronts;
        }
        catch
        {
            fronts.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var child in _children) child.Dispose();
    }

    /// <param name="needs">The file without which it is not to be had.</param>
    /// <param name="path">That it answers once it is ready.</param>
    /// <param name="command">Its program and arguments, for a port.</param>
    private void Add(Setting setting, string name, string needs, string path, Func<string, string[]> command, params IEnumerable<string> headers)
    {
        if (!File.Exists(needs))
        {
            Miss(name, $"there is no {needs}");
            return;
        }

        var port = Place.FreePort();
        var words = command(port.ToString(CultureInfo.InvariantCulture));
        var child = Child.Start(setting.Log(name), words[0], words[1..], new Dictionary<string, string> { ["NODE_ENV"] = "production" });
        _children.Add(child);
        try
        {
            var place = Place.Loopback(port);
            child.WaitFor(place, path, answer => answer.Status == 200);
            _running.Add(new(name, place, [.. ProcFile.TreeOf(child.Pid)], [Contender.AnyKey, .. headers]));
        }
        catch (IOException e)
        {
            Miss(name, e.Message);
        }
    }

    private static void Miss(string name, string why) => Console.Error.WriteLine($"  {name} is missing, and so are its lines: {why}");

    private static string Haproxy(Setting setting, string socket, string port)
    {
        var file = Path.Combine(setting.Work, "haproxy.cfg");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            global
              maxconn 2048
              nbthread {Environment.ProcessorCount}
            defaults
              mode http
              option http-no-delay
              http-reuse always
              timeout connect 5s
              timeout client 600s
              timeout server 600s
            frontend front
              bind 127.0.0.1:{port} backlog 4096
              default_backend engine
            backend engine
              server one unix@{socket} maxconn 2048 pool-max-conn -1

            """));
        return file;
    }
}

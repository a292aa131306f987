using System.Globalization;
using Helix.Bench.Wire;

namespace Helix.Bench.Peers;

/// <summary>A server of one model on a unix socket, with one thread and four slots of 2,048 tokens.</summary>
internal sealed class Engines : IDisposable
{
    public const int Slots = 4;
    public const int Context = 2048;

    private readonly Child _child;

    private Engines(Child child, Place place) => (_child, Place) = (child, place);

    public Place Place { get; }

    public int Pid => _child.Pid;

    public static Engines Helix(Setting setting, string model)
    {
        var socket = setting.Socket("helix-engine");
        var child = Child.Start(setting.Log("helix-engine"), setting.Helix,
        [
            "engine", "--model", model, "--socket", socket, "--alias", "bench", "--slots", Number(Slots), "--context", Number(Context), "--threads", "1",
            "--libraries", setting.Libraries,
        ]);
        return Ready(child, Place.Unix(socket));
    }

    public static Engines LlamaServer(Setting setting, string model)
    {
        var socket = setting.Socket("llama-server");
        File.Delete(socket);
        var child = Child.Start(setting.Log("llama-server"), Path.Combine(setting.Peers, "llama-server"),
        [
            "--model", model, "--host", socket, "--alias", "bench", "--parallel", Number(Slots), "--ctx-size", Number(Slots * Context), "--threads", "1",
            "--no-ui", "--offline", "--no-warmup",
        ]);
        return Ready(child, Place.Unix(socket));
    }

    /// <summary>llama-server without a model of its own: it starts one of itself for each model of a folder, one at a time.</summary>
    public static Engines Router(Setting setting, string folder)
    {
        var port = Place.FreePort();
        var child = Child.Start(setting.Log("llama-router"), Path.Combine(setting.Peers, "llama-server"),
        [
            "--models-dir", folder, "--models-max", "1", "--host", "127.0.0.1", "--port", Number(port), "--parallel", Number(Slots), "--ctx-size", Number(Slots * Context), "--threads", "1",
            "--no-ui", "--offline", "--no-warmup",
        ]);
        return Ready(child, Place.Loopback(port));
    }

    public void Dispose() => _child.Dispose();

    private static Engines Ready(Child child, Place place)
    {
        try
        {
            child.WaitFor(place, "/health", answer => answer.Status == 200);
            return new Engines(child, place);
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

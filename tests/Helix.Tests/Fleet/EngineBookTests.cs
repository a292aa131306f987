using System.Net;
using System.Net.Sockets;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Fleet;
using Helix.Processes;
using Helix.Tests.Fakes;
using Helix.Tests.Fleet.Fakes;
using Helix.Variants;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Fleet;

public sealed class EngineBookTests : IDisposable
{
    private readonly TemporaryHome _temporary = new();

    [Fact]
    public void A_port_that_somebody_else_takes_is_replaced_and_the_key_stays()
    {
        var book = new EngineBook(_temporary.Home);
        var first = book.Of("localai-a");
        Assert.Null(book.Replaced("localai-a"));
        using var somebody = Take(first.Ports[0]);

        Assert.Equal(first.Ports[0], book.Replaced("localai-a"));

        var second = book.Of("localai-a");
        Assert.DoesNotContain(first.Ports[0], second.Ports);
        Assert.Equal((first.Key, first.AdminKey), (second.Key, second.AdminKey));
        Assert.Null(book.Replaced("localai-a"));
        Assert.Equal(second.Ports, new EngineBook(_temporary.Home).Of("localai-a").Ports);
    }

    [Fact]
    public void A_disk_that_refuses_is_no_reason_to_give_nothing()
    {
        Directory.CreateDirectory(_temporary.Home.LocalLlm);
        File.WriteAllText(_temporary.Home.State, "in the way");
        var book = new EngineBook(_temporary.Home);

        Assert.Equal(book.Of("localai-a"), book.Of("localai-a"));
    }

    [Fact]
    public void Two_homes_begin_to_look_at_different_places()
    {
        using var other = new TemporaryHome();

        Assert.Empty(new EngineBook(_temporary.Home).Of("a").Ports.Intersect(new EngineBook(other.Home).Of("a").Ports));
    }

    [Fact]
    public async Task An_engine_whose_port_was_taken_while_it_was_down_starts_on_another_one()
    {
        var book = new EngineBook(_temporary.Home);
        var (host, time) = (new FakeProcessHost(), new FakeTimeProvider());
        var provider = new FleetProvider(new("builtin", 1, ["gguf"], [], ModelAbilities.Chat, 0), "Built-in", "1", new OnAPort(book));
        var tools = new FleetTools(host, provider, _ => new FakeProber(), new FakeTokenWatch(), time, NullLoggerFactory.Instance) { Random = new Random(1), Hindrance = book.Hindrance };
        var model = new PlannedModel("a", "/m/a", 1000, 10, 4096, ModelAbilities.Chat, false, time.GetUtcNow());
        var fleet = new Helix.Fleet.Fleet(tools, new(HelixConfig.Default, [model], [], 16_000_000_000));
        using var stop = new CancellationTokenSource();
        fleet.TellRunning([]);
        var run = fleet.RunAsync(stop.Token);
        await ReadyAsync(fleet);
        var before = Assert.Single(fleet.Current.Models.Single().Backends).Endpoint;
        using var somebody = Take(book.Of("builtin-a").Ports[0]);

        fleet.TellExit(host.End("builtin-a"));

        await Eventually.TrueAsync(
            () => fleet.Current.Models.Single().Backends.Any(backend => backend.Endpoint != before), () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.All(host.Launched.Skip(1), launch => Assert.NotEqual(before, launch.Arguments[0]));
        await stop.CancelAsync();
        await run.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public void How_an_engine_was_started_is_remembered_over_an_end_of_the_daemon()
    {
        var spec = new OnAPort(new EngineBook(_temporary.Home)).SpecOf(new("a", "/m/a", 1, 1, 1, ModelAbilities.Chat, false, default), new(1, 1, ""), new());
        var later = spec with { Launch = spec.Launch with { FileName = "/versions/2/engine" }, Provider = "localai" };
        var earlier = later with { Launch = spec.Launch with { FileName = "/versions/1/engine" } };
        Assert.True(new EngineBook(_temporary.Home).IsAsLaunched(later));

        new EngineBook(_temporary.Home).NoteLaunch(earlier);

        Assert.True(new EngineBook(_temporary.Home).IsAsLaunched(earlier));
        Assert.False(new EngineBook(_temporary.Home).IsAsLaunched(later));
    }

    [Fact]
    public void Who_answers_on_a_socket_is_given_no_port()
    {
        var book = new EngineBook(_temporary.Home);
        var spec = new InstanceSpec("builtin-m", "builtin", "m", "/s", 0, ModelAbilities.Chat, new LaunchSpec("builtin-m", "/bin/helix", ["engine"], new Dictionary<string, string>(), "/", "/log"));
        book.NoteLaunch(spec);

        Assert.True(book.IsAsLaunched(spec with { Launch = spec.Launch with { FileName = "/newer/helix" } }));
        Assert.False(book.IsAsLaunched(spec with { Launch = spec.Launch with { Arguments = ["engine", "--slots", "2"] } }));
        Assert.Null(book.Replaced("builtin-m"));
        Assert.Equal(3, book.Of("builtin-m").Ports.Length);
        Assert.True(book.IsAsLaunched(spec));
    }

    public void Dispose() => _temporary.Dispose();

    private static Task ReadyAsync(Helix.Fleet.Fleet fleet) => Eventually.TrueAsync(() => fleet.Current.Models.Any(model => model.Availability is ModelAvailability.Ready), "it is ready");

    private static Socket Take(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }

    private sealed class OnAPort(EngineBook book) : ILaunchRecipe
    {
        public InstanceSpec SpareOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null) => SpecOf(model, run, config, libraries);

        public InstanceSpec SpecOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null)
        {
            var name = $"builtin-{model.Id}";
            var endpoint = EngineEndpoint.OnPort(book.Of(name).Ports[0]);
            return new InstanceSpec(name, "builtin", model.Id, endpoint, model.Bytes, model.Abilities, new LaunchSpec(name, "/engine", [endpoint], new Dictionary<string, string>(), "/", "/nowhere.log"));
        }
    }
}

using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Core.Install;
using Helix.Core.Manifests;
using Helix.Daemon;
using Helix.Fleet;
using Helix.Install;
using Helix.Manifests;
using Helix.Tests.Fakes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Helix.Tests.Daemon;

public sealed class ProviderRosterTests : IDisposable
{
    private static readonly DateTimeOffset s_moment = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryHome _temporary = new();
    private readonly OneProvider _fleet = new();
    private readonly ProviderRoster _roster;

    private readonly FakeTimeProvider _time = new(s_moment);
    private readonly Dictionary<string, ProviderInstall> _installs = new(StringComparer.Ordinal);

    public ProviderRosterTests()
    {
        var machine = new MachineFacts("linux", "x64", null, new(2, 36), 16_000_000_000, 100_000_000_000, [], false, false);
        var shelf = new ManifestShelf(_temporary.Home);
        foreach (var manifest in shelf.Current.Manifests)
            _installs[manifest.Id] = new(manifest.Id, InstallNeed.Of(manifest, machine, HelixConfig.Default, new(false, false, null, null), null), false, "", null, null, null, s_moment);
        _roster = new(_fleet, shelf, () => new InstallState(_installs.ToImmutableSortedDictionary(StringComparer.Ordinal), []), () => machine, _time, s_moment);
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void All_providers_are_there_by_category_with_what_they_are_good_for()
    {
        var all = _roster.All();

        Assert.Equal(
            ["builtin", "llamacpp", "mistralrs", "tabbyapi", "vllm", "fastchat", "jan", "lmstudio", "localai", "mlx", "gpt4all", "koboldai", "textgen"],
            all.Select(provider => provider.Id));
        Assert.All(all, provider => Assert.NotEqual("", provider.Category + provider.Description));
    }

    [Fact]
    public void The_fleets_provider_is_told_of_as_the_fleet_tells_of_it() =>
        Assert.Equal(
            new ProviderReport("builtin", "Built-in", ProviderState.Ready, "answers", 7, "tiny", "v1", s_moment, "foundation", "The engine that is always there"),
            _roster.All()[0] with { Verified = "", Tunes = null, Touches = null });

    [Fact]
    public void Each_says_what_it_was_driven_against_what_may_be_tuned_and_what_it_may_touch()
    {
        var all = _roster.All().ToDictionary(provider => provider.Id);

        Assert.All(["builtin", "gpt4all"], id => Assert.StartsWith("real engine ", all[id].Verified, StringComparison.Ordinal));
        Assert.Equal("stand-in only", all["vllm"].Verified);
        Assert.Contains(all["vllm"].Tunes!, tunable => tunable is { Knob: Tunable.Slots, Least: 1, Most: 1024, Costs: "restart" });
        Assert.Equal(("none", "loopback"), (all["builtin"].Touches!.Network, all["vllm"].Touches!.Network));
        Assert.Null(all["jan"].Touches);
    }

    [Fact]
    public void The_others_say_whether_they_can_run_here()
    {
        var all = _roster.All().ToDictionary(provider => provider.Id);

        Assert.Equal(
            (ProviderState.Unsupported, "not possible here, because it needs an NVIDIA GPU with compute capability 8.0 or newer; none was found; older GPUs are served by llama-server and KoboldCpp"),
            (all["tabbyapi"].State, all["tabbyapi"].Reason));
        Assert.Equal((ProviderState.Available, "about to be installed"), (all["llamacpp"].State, all["llamacpp"].Reason));
        Assert.Equal((ProviderState.Available, "used while you run it: switch its server on, or name it with: helix local-llm attach URL --key KEY"), (all["jan"].State, all["jan"].Reason));
    }

    [Fact]
    public void What_is_being_installed_says_how_far_it_is()
    {
        _installs["llamacpp"] = _installs["llamacpp"] with { IsWorking = true, Words = "downloading it", Progress = new("downloading it", 30, 120) };

        Assert.Equal((ProviderState.Installing, "downloading it, 25 % of 120 bytes"), StateOf("llamacpp"));
    }

    [Fact]
    public void What_could_not_be_installed_says_why_and_when_it_is_tried_again()
    {
        _installs["llamacpp"] = _installs["llamacpp"] with { Failure = new("downloading it", "nobody answers", "", true), NextTry = s_moment.AddSeconds(30) };

        Assert.Equal((ProviderState.Available, "not installed yet; downloading it: nobody answers; next try in 30 s"), StateOf("llamacpp"));
    }

    [Fact]
    public void The_builtin_engine_is_never_told_of_as_one_that_could_be_installed()
    {
        _fleet.Current = FleetSnapshot.Empty;

        Assert.DoesNotContain("builtin", _roster.All().Select(provider => provider.Id));
    }

    [Theory]
    [InlineData("tabbyapi", 409, "not_possible", "tabbyapi: not possible here, because it needs an NVIDIA GPU")]
    [InlineData("llamacpp", 409, "not_installed", "llamacpp: about to be installed")]
    [InlineData("vlm", 404, "not_found", "there is no provider 'vlm'")]
    public async Task Nothing_can_be_done_with_one_that_does_not_run_and_the_reason_is_told(string id, int status, string code, string message)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };

        await _roster.RefuseAsync(context, id);

        var error = JsonSerializer.Deserialize(Encoding.UTF8.GetString(body.ToArray()), ApiJson.Default.ApiErrorBody)!.Error;
        Assert.Equal((status, code), (context.Response.StatusCode, error.Code));
        Assert.StartsWith(message, error.Message);
        Assert.Equal(status == 404 ? Helix.Cli.ExitCodes.NotFound : Helix.Cli.ExitCodes.Refused, Helix.Cli.ExitCodes.Of(error.Code));
    }

    private (ProviderState State, string Reason) StateOf(string id)
    {
        var provider = _roster.All().Single(each => each.Id == id);
        return (provider.State, provider.Reason);
    }

    /// <summary>A fleet that runs the built-in engine, and never changes by itself.</summary>
    private sealed class OneProvider : IFleetView
    {
        public FleetSnapshot Current { get; set; } = new(1, [new ProviderStatus("builtin", "Built-in", ProviderState.Ready, "answers", 7, "tiny", "v1", s_moment)], [], []);

        public Task Left { get; } = new TaskCompletionSource().Task;

        public Task ChangedAsync(long version, CancellationToken cancellationToken) => Left.WaitAsync(cancellationToken);

        public void Want(string model, string? provider = null)
        {
        }
    }
}

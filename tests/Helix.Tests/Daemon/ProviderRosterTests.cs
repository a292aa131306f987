using System.Text;
using System.Text.Json;
using Helix.Contracts;
using Helix.Core.Fleet;
using Helix.Core.Hardware;
using Helix.Daemon;
using Helix.Fleet;
using Helix.Manifests;
using Helix.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace Helix.Tests.Daemon;

public sealed class ProviderRosterTests : IDisposable
{
    private static readonly DateTimeOffset s_moment = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryHome _temporary = new();
    private readonly OneProvider _fleet = new();
    private readonly ProviderRoster _roster;

    public ProviderRosterTests() => _roster = new(
        _fleet, new ManifestShelf(_temporary.Home), () => new MachineFacts("linux", "x64", null, new(2, 36), 16_000_000_000, 100_000_000_000, [], false, false), s_moment);

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
            _roster.All()[0]);

    [Fact]
    public void The_others_say_whether_they_can_run_here()
    {
        var all = _roster.All().ToDictionary(provider => provider.Id);

        Assert.Equal(
            (ProviderState.Unsupported, "not possible here, because it needs an NVIDIA GPU with compute capability 8.0 or newer; none was found; older GPUs are served by llama-server and KoboldCpp"),
            (all["tabbyapi"].State, all["tabbyapi"].Reason));
        Assert.Equal((ProviderState.Available, "fits this machine, on the processor; this version of helix cannot install it yet"), (all["llamacpp"].State, all["llamacpp"].Reason));
        Assert.Equal((ProviderState.Available, "can be used here while you run it; this version of helix cannot attach it yet"), (all["jan"].State, all["jan"].Reason));
    }

    [Fact]
    public void The_builtin_engine_is_never_told_of_as_one_that_could_be_installed()
    {
        _fleet.Current = FleetSnapshot.Empty;

        Assert.DoesNotContain("builtin", _roster.All().Select(provider => provider.Id));
    }

    [Theory]
    [InlineData("tabbyapi", 409, "not_possible", "tabbyapi: not possible here, because it needs an NVIDIA GPU")]
    [InlineData("llamacpp", 409, "not_built", "llamacpp: fits this machine, on the processor; this version of helix cannot install it yet")]
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

    /// <summary>A fleet that runs the built-in engine, and never changes by itself.</summary>
    private sealed class OneProvider : IFleetView
    {
        public FleetSnapshot Current { get; set; } = new(1, [new ProviderStatus("builtin", "Built-in", ProviderState.Ready, "answers", 7, "tiny", "v1", s_moment)], [], []);

        public Task Left { get; } = new TaskCompletionSource().Task;

        public Task ChangedAsync(long version, CancellationToken cancellationToken) => Left.WaitAsync(cancellationToken);

        public void Want(string model)
        {
        }
    }
}

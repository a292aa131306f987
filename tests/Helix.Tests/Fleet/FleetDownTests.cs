using System.Collections.Concurrent;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.Planning;
using Helix.Fleet;
using Helix.Storage;
using Helix.Variants;

namespace Helix.Tests.Fleet;

/// <summary>An engine that is down is told as down, also where another provider serves its model meanwhile.</summary>
public sealed partial class FleetTests
{
    private const string Ours = "builtin-a";

    private readonly ConcurrentQueue<InstanceStatus> _moves = new();

    /// <summary>The states of the built-in engine's instance, as the history has them.</summary>
    private IEnumerable<ProviderState> Told => _moves.Where(status => status.Name == Ours).Select(status => status.State);

    [Fact]
    public async Task What_nobody_brings_back_stays_down_until_somebody_says_so()
    {
        var fleet = Start(WithOther(recovers: false), moved: _moves.Enqueue);
        await ReadyAsync(fleet, "a");
        Assert.Equal("builtin", ServedBy(fleet));

        fleet.TellExit(_host.End(Ours));
        await DownAsync(fleet);
        _time.Advance(TimeSpan.FromHours(1));
        await fleet.SettledAsync();

        var down = Down(fleet)!;
        Assert.Contains("health.auto_recovery", down.Reason, StringComparison.Ordinal);
        Assert.Contains("helix local-llm start builtin", down.Remedy, StringComparison.Ordinal);
        Assert.Equal((ProviderState.Critical, (DateTimeOffset?)null), (fleet.Current.Providers.Single(provider => provider.Id == "builtin").State, down.NextStart));
        lock (_host.Alive) Assert.Single(_host.Started, process => process.Name == Ours);

        fleet.Obey("builtin", Wish.Start);
        await Eventually.TrueAsync(() => ServedBy(fleet) == "builtin", "it is back");
        Assert.Equal([ProviderState.Starting, ProviderState.Ready, ProviderState.Critical, ProviderState.Starting, ProviderState.Ready], Told);
    }

    [Fact]
    public async Task What_nobody_brings_back_is_started_when_recovery_is_on_again()
    {
        var fleet = Start(WithOther(recovers: false));
        await ReadyAsync(fleet, "a");
        fleet.TellExit(_host.End(Ours));
        await DownAsync(fleet);

        fleet.Update(WithOther(recovers: true));

        await Eventually.TrueAsync(() => ServedBy(fleet) == "builtin", "it is back");
    }

    [Fact]
    public async Task What_the_user_stops_while_it_is_down_rests()
    {
        var fleet = Start(WithOther(recovers: false), moved: _moves.Enqueue);
        await ReadyAsync(fleet, "a");
        fleet.TellExit(_host.End(Ours));
        await DownAsync(fleet);

        fleet.Obey("builtin", Wish.Stop);

        await Eventually.TrueAsync(() => Down(fleet) is null, "it is not shown any more");
        Assert.Equal([ProviderState.Starting, ProviderState.Ready, ProviderState.Critical, ProviderState.Standby], Told);
        Assert.Equal("other", ServedBy(fleet));
    }

    [Fact]
    public async Task Where_nobody_brings_anything_back_the_next_that_goes_down_starts_nobody()
    {
        var fleet = Start(WithOther(recovers: false));
        await ReadyAsync(fleet, "a");
        fleet.TellExit(_host.End(Ours));
        await DownAsync(fleet);

        fleet.TellExit(_host.End("other-a"));

        await Eventually.TrueAsync(() => Availability(fleet, "a") is ModelAvailability.Failed, "nobody serves it");
        _time.Advance(TimeSpan.FromHours(1));
        await fleet.SettledAsync();
        Assert.Equal([ProviderState.Critical, ProviderState.Critical], fleet.Current.Instances.Where(instance => instance.Model == "a").Select(instance => instance.State));
        Assert.DoesNotContain("meanwhile", Down(fleet)!.Reason, StringComparison.Ordinal);
        lock (_host.Alive) Assert.Single(_host.Started, process => process.Name == Ours);

        fleet.Obey("other", Wish.Start);
        await Eventually.TrueAsync(() => ServedBy(fleet) == "other", "the other one is back");
    }

    [Fact]
    public async Task What_is_switched_off_and_on_again_while_it_is_down_is_tried_again()
    {
        var fleet = Start(WithOther(recovers: false));
        await ReadyAsync(fleet, "a");
        fleet.TellExit(_host.End(Ours));
        await DownAsync(fleet);

        var inputs = WithOther(recovers: false);
        fleet.Update(inputs with { Config = inputs.Config with { Providers = new ProvidersConfig(["other"]) } });
        await Eventually.TrueAsync(() => Down(fleet) is null, "it is not shown any more");
        fleet.Update(inputs);

        await Eventually.TrueAsync(() => ServedBy(fleet) == "builtin", "it is back");
    }

    [Fact]
    public async Task What_failed_for_good_is_down_until_it_is_tried_again()
    {
        var fleet = Start(WithOther(recovers: true), moved: _moves.Enqueue);
        await ReadyAsync(fleet, "a");

        fleet.TellExit(_host.End(Ours, 4, null));
        await DownAsync(fleet);

        Assert.Equal(_time.GetUtcNow().AddMinutes(15), Down(fleet)!.NextStart);
        await Eventually.TrueAsync(() => { lock (_host.Alive) return _host.Started.Count(process => process.Name == Ours) == 2; }, () => _time.Advance(TimeSpan.FromSeconds(10)), "it is tried again");
        await Eventually.TrueAsync(() => ServedBy(fleet) == "builtin", "it is back");
        Assert.Equal([ProviderState.Starting, ProviderState.Ready, ProviderState.Critical, ProviderState.Starting, ProviderState.Ready], Told);
        Assert.True(_time.GetUtcNow() - _time.Start >= TimeSpan.FromMinutes(15));
    }

    private FleetInputs WithOther(bool recovers) => Inputs(Model("a", 1), SelfTest()) with
    {
        Config = HelixConfig.Default with { Health = new HealthConfig(AutoRecovery: recovers) },
        Installed = [new FleetProvider(BuiltinRecipe.Planned with { Id = "other", Preference = 50 }, "Other", "v1", new OtherRecipe(_recipe))],
    };

    /// <summary>Waits until the other provider serves, and the engine that went down gave way to it.</summary>
    private static Task DownAsync(IFleetView fleet) =>
        Eventually.TrueAsync(() => ServedBy(fleet) == "other" && Down(fleet) is { State: ProviderState.Critical } down && down.Reason.EndsWith("meanwhile other serves a", StringComparison.Ordinal), "the other provider serves, and the engine is told as down");

    private static InstanceStatus? Down(IFleetView fleet) => fleet.Current.Instances.SingleOrDefault(instance => instance.Name == Ours);

    private static string? ServedBy(IFleetView fleet) => fleet.Current.Models.Single(model => model.Id == "a").Backends.FirstOrDefault()?.Provider;

    /// <summary>Starts the same under another name.</summary>
    private sealed class OtherRecipe(BuiltinRecipe recipe) : ILaunchRecipe
    {
        public InstanceSpec SpecOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null)
        {
            var (spec, name) = (recipe.SpecOf(model, run, config, libraries), new Seat("other", model.Id).Name);
            return spec with { Name = name, Provider = "other", Endpoint = $"/run/{name}.sock", Launch = spec.Launch with { Name = name } };
        }

        public InstanceSpec SpareOf(PlannedModel model, Placement.Run run, BuiltinConfig config, EngineLibraries? libraries = null) => SpecOf(model, run, config, libraries);
    }
}

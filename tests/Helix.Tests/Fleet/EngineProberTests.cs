using Helix.Core.Fleet;
using Helix.Fleet;
using Helix.Processes;
using Helix.Tests.Fleet.Fakes;

namespace Helix.Tests.Fleet;

public sealed class EngineProberTests : IDisposable
{
    private readonly FakeTokenWatch _tokens = new();
    private readonly EngineProber _prober;

    public EngineProberTests()
    {
        var launch = new LaunchSpec("builtin-m", "/bin/engine", [], new Dictionary<string, string>(), "/", "/nonexistent/log");
        _prober = new(new InstanceSpec("builtin-m", "builtin", "m", "/nonexistent/e.sock", 0, ModelAbilities.Completion, launch), _tokens, TimeProvider.System);
    }

    [Fact]
    public async Task Where_nothing_listens_it_is_unwell_at_its_endpoint() =>
        Assert.Equal(HealthStep.Endpoint, Assert.IsType<Verdict.Unwell>(await LookAsync(TimeSpan.FromMinutes(1))).Step);

    [Fact]
    public async Task Tokens_since_the_last_look_outweigh_a_silent_endpoint()
    {
        await LookAsync(TimeSpan.FromMinutes(1));
        _tokens.Known["builtin-m"] = (1, TimeProvider.System.GetUtcNow().AddSeconds(1));

        Assert.IsType<Verdict.Healthy>(await LookAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Tokens_of_the_process_before_do_not_make_a_new_one_healthy()
    {
        await LookAsync(TimeSpan.FromMinutes(1));
        _tokens.Known["builtin-m"] = (0, TimeProvider.System.GetUtcNow().AddSeconds(1));

        Assert.IsType<Verdict.Unwell>(await LookAsync(ago: TimeSpan.FromSeconds(-2)));
    }

    public void Dispose() => _prober.Dispose();

    private Task<Verdict> LookAsync(TimeSpan ago) => _prober.LookAsync(TimeProvider.System.GetUtcNow() - ago, TestContext.Current.CancellationToken);
}

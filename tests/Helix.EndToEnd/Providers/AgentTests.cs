using Helix.Mirrors.Products;

namespace Helix.EndToEnd.Providers;

/// <summary>Agents that call a tool and hear its answer, by the official clients of every dialect, over an engine that knows tools.</summary>
public sealed class AgentTests(AgentTests.Shop shop) : IClassFixture<AgentTests.Shop>
{
    private const string Model = $"llamacpp/{ProviderHome.Gguf}";

    [Fact]
    public async Task An_agent_of_each_official_npm_client_calls_its_tool_and_hears_the_answer()
    {
        await shop.ServesAsync("llamacpp", ProviderHome.Gguf);

        var said = await Clients.NodeAsync(shop.Home, "agent.mjs", shop.Home.Gateway.Address.ToString().TrimEnd('/'), Model);

        Assert.Equal("all good", said.Succeeded().Out.Trim());
    }

    [Fact]
    public async Task An_agent_of_Microsofts_client_calls_its_tool_and_hears_the_answer()
    {
        await shop.ServesAsync("llamacpp", ProviderHome.Gguf);

        await ExtensionsClient.CallsAsync(new Uri(shop.Home.Gateway.Address, "v1"), Model);
    }

    [Fact]
    public async Task An_agent_that_goes_through_several_turns_hears_the_same_in_every_dialect_whole_and_streamed()
    {
        await shop.ServesAsync("llamacpp", ProviderHome.Gguf);

        await Agents.CallAsync(shop.Home, Model);
    }

    [Theory]
    [InlineData("claude-code")]
    [InlineData("codex")]
    public async Task A_recorded_session_of_an_agent_goes_through(string session)
    {
        await shop.ServesAsync("llamacpp", ProviderHome.Gguf);
        await Agents.NameAsync(shop.Home, ProviderHome.Gguf, ProviderHome.Gguf, ProviderHome.Gguf, TimeSpan.FromMinutes(2), () => shop.InstallLog("llamacpp"));

        await Agents.ReplayAsync(shop.Home, session);
    }

    public sealed class Shop : ProviderHome
    {
        protected override string Settings => "providers:\n  enabled: [builtin, llamacpp]\n";

        protected override async Task PublishAsync() => await Mirror.PublishAsync(Payloads.For("llamacpp", ReleaseOf("llamacpp")));
    }
}

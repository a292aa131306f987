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

    public sealed class Shop : ProviderHome
    {
        protected override string Settings => "providers:\n  enabled: [builtin, llamacpp]\n";

        protected override async Task PublishAsync() => await Mirror.PublishAsync(Payloads.For("llamacpp", ReleaseOf("llamacpp")));
    }
}

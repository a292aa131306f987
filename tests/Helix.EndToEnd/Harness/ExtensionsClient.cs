using System.ClientModel;
using System.Text;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Helix.EndToEnd.Harness;

/// <summary>Programs that use Microsoft.Extensions.AI, over OpenAI's official client.</summary>
internal static class ExtensionsClient
{
    /// <summary>A chat that must give this text, whole and streamed.</summary>
    public static async Task ChatsAsync(Uri address, string model, string expected)
    {
        using var client = Of(address, model);

        var whole = await client.GetResponseAsync("Who are you?");
        Assert.Equal(expected, whole.Text);
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        Assert.True(whole.Usage?.OutputTokenCount > 0);

        Assert.Equal(expected, await StreamedAsync(client, "Who are you?", null));
    }

    /// <summary>An agent whose loop calls a tool and hears its answer, whole and streamed.</summary>
    public static async Task CallsAsync(Uri address, string model)
    {
        var heard = new List<string>();
        var clock = AIFunctionFactory.Create(
            (string said) =>
            {
                heard.Add(said);
                return "it is noon";
            },
            "clock", "Tells the time.");
        var options = new ChatOptions { Tools = [clock] };
        using var agent = Of(address, model).AsBuilder().UseFunctionInvocation().Build();

        Assert.Contains("it is noon", (await agent.GetResponseAsync("please call clock now", options)).Text, StringComparison.Ordinal);
        Assert.Contains("it is noon", await StreamedAsync(agent, "please call clock again", options), StringComparison.Ordinal);

        Assert.Equal(["please call clock now", "please call clock again"], heard);
    }

    private static async Task<string> StreamedAsync(IChatClient client, string asked, ChatOptions? options)
    {
        var text = new StringBuilder();
        await foreach (var update in client.GetStreamingResponseAsync(asked, options)) text.Append(update.Text);
        return text.ToString();
    }

    private static IChatClient Of(Uri address, string model) =>
        new OpenAIClient(new ApiKeyCredential("none-needed"), new OpenAIClientOptions { Endpoint = address }).GetChatClient(model).AsIChatClient();
}

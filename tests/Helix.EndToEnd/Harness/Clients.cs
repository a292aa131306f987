using System.ClientModel;
using System.Text;
using OpenAI;
using OpenAI.Chat;

namespace Helix.EndToEnd.Harness;

/// <summary>Clients other people wrote, pointed at helix.</summary>
internal static class Clients
{
    /// <summary>Runs a script of <c>tests/clients</c> under Node.js.</summary>
    public static Task<Ended> NodeAsync(TempHome home, string script, params string[] arguments)
    {
        var folder = Path.Combine(Binary.Repository, "tests", "clients");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "openai")))
            Assert.Fail($"the npm client is not there: run `npm ci` in {folder} (./test does)");
        return Launched.RunAsync(new Command("/usr/bin/env", ["node", script, .. arguments], home.Environment, folder));
    }

    /// <summary>Streams a chat that must give this text, lists models, and provokes errors, all with the official .NET client.</summary>
    public static async Task DotnetAsync(Uri address, string expected, string key = "none-needed")
    {
        var client = new OpenAIClient(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = address });
        var chat = client.GetChatClient("auto");

        var text = new StringBuilder();
        await foreach (var update in chat.CompleteChatStreamingAsync("Who are you?"))
            foreach (var part in update.ContentUpdate)
                text.Append(part.Text);
        Assert.Equal(expected, text.ToString());

        ChatCompletion whole = await chat.CompleteChatAsync("Who are you?");
        Assert.Equal(expected, whole.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);

        var models = await client.GetOpenAIModelClient().GetModelsAsync();
        Assert.NotEmpty(models.Value);

        var unknown = await Assert.ThrowsAsync<ClientResultException>(() => client.GetChatClient("no-such-model").CompleteChatAsync("Hi"));
        Assert.Equal(404, unknown.Status);
        var bad = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync([ChatMessage.CreateUserMessage("Hi")], new() { Temperature = 7 }));
        Assert.Equal(400, bad.Status);
        Assert.Contains("temperature", bad.Message, StringComparison.Ordinal);
    }
}

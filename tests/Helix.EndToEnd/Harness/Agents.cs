using System.Text.Json.Nodes;

namespace Helix.EndToEnd.Harness;

/// <summary>Programs that give a model tools and go through several turns with it. What is checked holds whatever the model says, as long as it calls tools.</summary>
internal static class Agents
{
    /// <summary>The name by which the recorded session of Claude Code asks for the model that is to call <c>Read</c>.</summary>
    private const string Reader = "claude-sonnet-4-5";

    /// <summary>The same for its small model, which is offered no tools.</summary>
    private const string Sayer = "claude-haiku-4-5";

    /// <summary>The name by which the recorded session of Codex asks for the model that is to call <c>exec_command</c>.</summary>
    private const string Runner = "gpt-5-codex";

    /// <summary>An agent of each official npm client, whole and streamed: its calls fit, and every dialect tells the same.</summary>
    /// <param name="model">That calls <c>Read</c>.</param>
    public static Task CallAsync(TempHome home, string model) => RunAsync(home, "forced.mjs", model);

    /// <summary>Replays a session of <c>tests/clients/sessions</c>, request by request.</summary>
    public static Task ReplayAsync(TempHome home, string session) => RunAsync(home, "session.mjs", session);

    /// <summary>Gives models of llama-server the names by which the recorded sessions ask for them, and waits until they answer.</summary>
    public static async Task NameAsync(TempHome home, string reader, string sayer, string runner, TimeSpan deadline, Func<string> otherwise)
    {
        var aliases = new JsonObject { [Reader] = $"llamacpp/{reader}", [Sayer] = $"llamacpp/{sayer}", [Runner] = $"llamacpp/{runner}" };
        (await home.HelixAsync("config", "set", "gateway.aliases", aliases.ToJsonString())).Succeeded();
        foreach (var name in (string[])[Reader, Sayer, Runner])
        {
            var seen = "nothing";
            await Eventually.TrueAsync(
                async () =>
                {
                    try
                    {
                        var reply = await home.Gateway.PostAsync("/v1/chat/completions", $$"""{"model":"{{name}}","messages":[{"role":"user","content":"ping"}]}""");
                        seen = reply.ToString();
                        return reply.Status == 200 && reply.Header("x-helix-provider") == "llamacpp";
                    }
                    catch (TaskCanceledException)
                    {
                        return false; // it waited for a minute
                    }
                },
                $"llama-server to answer as {name}", () => $"{seen}\n{otherwise()}", deadline);
        }
    }

    private static async Task RunAsync(TempHome home, string script, string argument)
    {
        var said = await Clients.NodeAsync(home, script, home.Gateway.Address.ToString().TrimEnd('/'), argument);
        Assert.Equal("all good", said.Succeeded().Out.Trim());
    }
}

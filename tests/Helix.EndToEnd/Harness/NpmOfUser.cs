namespace Helix.EndToEnd.Harness;

/// <summary>What tells npm of the user's own registry and proxy; the tests' own environment holds nothing of it.</summary>
internal static class NpmOfUser
{
    public static void Give(TempHome home)
    {
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            var name = (string)entry.Key;
            if (name.StartsWith("npm_config_", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase) || name is "NODE_EXTRA_CA_CERTS" or "SSL_CERT_FILE")
                home.Environment[name] = (string)entry.Value!;
        }

        var settings = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".npmrc");
        if (File.Exists(settings)) home.Environment.TryAdd("NPM_CONFIG_USERCONFIG", settings);
    }
}

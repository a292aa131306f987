using System.Collections.Immutable;
using Helix.Core.Configuration;
using Helix.Manifests;
using Helix.Storage;

namespace Helix.Configuration;

/// <summary>What came of a change of the configuration file.</summary>
internal abstract record ChangeOutcome
{
    private ChangeOutcome() { }

    /// <summary>The file says so now, or said so before.</summary>
    internal sealed record Done(HelixConfig Config) : ChangeOutcome;

    /// <param name="Errors">Why the file stays as it is.</param>
    internal sealed record Invalid(ImmutableArray<ConfigError> Errors) : ChangeOutcome;

    internal sealed record Unreadable(string Why) : ChangeOutcome;

    /// <summary>Somebody else has changed the file at this moment; nothing was written.</summary>
    internal sealed record Overtaken : ChangeOutcome;

    /// <summary>The file is as it was.</summary>
    internal sealed record Unwritable(string Why) : ChangeOutcome;
}

/// <summary>Changes one setting in the configuration file, whoever asks for it.</summary>
internal static class ConfigChange
{
    /// <param name="key">That is changed: what else is wrong with things that the file names is not its trouble.</param>
    /// <param name="edit">From the file's text; see <see cref="ConfigEdit"/>.</param>
    public static async Task<ChangeOutcome> ApplyAsync(HelixHome home, string key, Func<string, EditOutcome> edit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var turn = await ConfigLock.TakeAsync(home.Config, time, cancellationToken);
        return ConfigFile.Read(home.Config) switch
        {
            FileText.Refused(var why) => new ChangeOutcome.Unreadable(why),
            FileText.Is(var text) => edit(text) switch
            {
                EditOutcome.Refused(var errors) => new ChangeOutcome.Invalid(errors),
                EditOutcome.Edited(_, var unknown) when NamedThings.Errors(unknown, home).RemoveAll(error => error.Path != key) is { IsEmpty: false } errors => new ChangeOutcome.Invalid(errors),
                EditOutcome.Edited(var edited, var config) => (edited == text ? null : Write(home.Config, text, edited)) ?? new ChangeOutcome.Done(config),
                _ => throw new InvalidOperationException("an edit is made or refused"),
            },
            _ => throw new InvalidOperationException("a text is either there or refused"),
        };
    }

    /// <returns>Null where it is written.</returns>
    private static ChangeOutcome? Write(string path, string before, string after)
    {
        try
        {
            if (ConfigFile.Read(path) != new FileText.Is(before)) return new ChangeOutcome.Overtaken();
            ConfigFile.Write(path, after);
            return null;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return new ChangeOutcome.Unwritable(unwritable.Message);
        }
    }
}

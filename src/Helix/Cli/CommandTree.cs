using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Helix.Cli;

/// <summary>Every verb there is.</summary>
internal static class CommandTree
{
    public static RootCommand Create(CliWorld world)
    {
        var root = new RootCommand("A private AI server on this machine.")
        {
            StartVerb.Create(world),
            StopVerb.Create(world),
            RestartVerb.Create(world),
            UpdateVerb.Create(world),
            DashboardVerb.Create(world),
            StatusVerb.Create(world),
            UsageVerb.Create(world),
            CaptureVerbs.Create(world),
            HistoryVerb.Create(world),
            ReportVerb.Create(world),
            AlertVerbs.Create(world),
            DoctorVerb.Create(world),
            PlanVerb.Create(world),
            SimulationVerb.Create(world),
            AutoVerb.Create(world),
            ChatVerb.Create(world),
            ConnectVerb.Create(world),
            Verb.Group(
                "local-llm", "Manage the providers: the engines that compute answers.",
                ProviderListVerb.Create(world), ProviderStatusVerb.Create(world), ProviderWishVerb.Start(world), ProviderWishVerb.Stop(world),
                ProviderWishVerb.Install(world), ProviderWishVerb.Remove(world), ProviderUpdateVerb.Create(world), ProviderWishVerb.RollBack(world),
                ProviderVersionsVerb.Create(world), CleanupVerb.Create(world), ProviderWishVerb.AcceptLicence(world), AttachVerb.Create(world), DetachVerb.Create(world), OpenVerb.Create(world),
                ProviderLogsVerb.Create(world), MonitorVerb.Create(world), HealthVerb.Create(world), DiagnoseVerb.Create(world), ConfigVerbs.Create(world)),
            CloudVerbs.Create(world),
            Verb.Group(
                "models", "Manage the models on this machine.",
                ModelListVerb.Create(world), ModelAddVerb.Create(world), ModelPullVerb.Create(world), ModelImportVerb.Create(world), ModelRemoveVerb.Create(world)),
            BackupVerbs.Create(world),
            BundleVerbs.Create(world),
            Verb.Group(
                "keys", "Manage the keys with which clients come in.",
                KeyCreateVerb.Create(world), KeyListVerb.Create(world), KeyRevokeVerb.Create(world)),
            ConfigVerbs.Create(world),
            CompletionVerb.Create(world),
            VersionVerb.Create(world),
        };
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction usual } help) help.Action = new HelpWithExamples(usual);
            if (option is VersionOption version) version.Action = new VersionVerb.Printed(world);
        }

        foreach (var directive in root.Directives)
        {
            if (directive is SuggestDirective { Action: SynchronousCommandLineAction suggest }) directive.Action = new Suggestions(suggest);
        }

        Suggestions.AddNames(root, world);
        return root;
    }
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Milena.Kafka.Architecture.Tests;

/// <summary>What others can see of an assembly, one line per type and member, in a stable order.</summary>
internal static class PublicApi
{
    // Generated from the definition files: the name and the properties of each message say all there is to it.
    private const string MessageNamespace = "Milena.Kafka.Protocol.Messages";

    // Types are named without their namespace, as they are in code.
    private static readonly SymbolDisplayFormat Member = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypes,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints
            | SymbolDisplayGenericsOptions.IncludeVariance,
        memberOptions: SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeAccessibility | SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeConstantValue | SymbolDisplayMemberOptions.IncludeRef,
        delegateStyle: SymbolDisplayDelegateStyle.NameAndSignature,
        extensionMethodStyle: SymbolDisplayExtensionMethodStyle.StaticMethod,
        parameterOptions: SymbolDisplayParameterOptions.IncludeExtensionThis | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName
            | SymbolDisplayParameterOptions.IncludeDefaultValue,
        kindOptions: SymbolDisplayKindOptions.IncludeMemberKeyword,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
            | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    private static readonly SymbolDisplayFormat Base = Member
        .WithMemberOptions(SymbolDisplayMemberOptions.None)
        .WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters);

    // The keyword comes with what belongs to it: "readonly ref struct", "enum".
    private static readonly SymbolDisplayFormat Head = Member.WithKindOptions(SymbolDisplayKindOptions.IncludeTypeKeyword);

    /// <summary>The surface of a built assembly.</summary>
    public static IReadOnlyList<string> Of(string assembly)
    {
        CSharpCompilation compilation = SourceProject.CompileAgainstPlatform();
        IAssemblySymbol symbol = compilation.SourceModule.ReferencedAssemblySymbols.Single(referenced => referenced.Name == assembly);
        return Of(symbol);
    }

    public static IReadOnlyList<string> Of(IAssemblySymbol assembly) =>
        [.. TypesOf(assembly.GlobalNamespace).OrderBy(type => type.ToDisplayString(), StringComparer.Ordinal).SelectMany(LinesOf)];

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol container)
    {
        foreach (INamespaceOrTypeSymbol member in container.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol type)
            {
                if (!IsVisible(type))
                {
                    continue;
                }

                yield return type;
            }

            foreach (INamedTypeSymbol inner in TypesOf(member))
            {
                yield return inner;
            }
        }
    }

    private static IEnumerable<string> LinesOf(INamedTypeSymbol type)
    {
        IReadOnlyList<ISymbol> members =
            [.. type.GetMembers().Where(member => member is not ITypeSymbol && IsVisible(member) && !IsSynthesised(member))];
        if (IsMessage(type))
        {
            return [$"{HeadOf(type)} {{ {string.Join("; ", members.OfType<IPropertySymbol>().Where(property => !property.IsStatic).Select(FieldOf))} }}"];
        }

        IEnumerable<string> lines = members.Select(member => $"  {TextOf(member)}");
        return [HeadOf(type), .. type.TypeKind switch
        {
            TypeKind.Delegate => [],
            TypeKind.Enum => lines,
            _ => lines.Order(StringComparer.Ordinal),
        }];
    }

    private static bool IsMessage(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Class && type.ContainingNamespace.ToDisplayString() == MessageNamespace;

    private static string FieldOf(IPropertySymbol property) => $"{property.Name}: {property.Type.ToDisplayString(Base)}";

    private static string HeadOf(INamedTypeSymbol type)
    {
        string modifier = type switch
        {
            { TypeKind: not TypeKind.Class } => "",
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsSealed: true } => "sealed ",
            _ => "",
        };
        string access = type.DeclaredAccessibility == Accessibility.Public ? "public" : "protected";
        string head = type.ToDisplayString(Head);
        string bases = string.Join(", ", BasesOf(type));
        return $"{type.ContainingNamespace.ToDisplayString()}: {access} {modifier}{head}{(bases.Length == 0 ? "" : " : ")}{bases}";
    }

    private static IEnumerable<string> BasesOf(INamedTypeSymbol type)
    {
        if (type.TypeKind is TypeKind.Delegate)
        {
            yield break;
        }

        INamedTypeSymbol? based = type.TypeKind == TypeKind.Class ? type.BaseType : type.EnumUnderlyingType;
        if (based is not null and { SpecialType: not (SpecialType.System_Object or SpecialType.System_Int32) })
        {
            yield return based.ToDisplayString(Base);
        }

        // That a message is one goes without saying; which answer belongs to a request does not.
        IEnumerable<INamedTypeSymbol> interfaces = type.Interfaces
            .Where(implemented => IsVisible(implemented) && !(IsMessage(type) && implemented.Name != "IRequest"));
        foreach (string name in interfaces.Select(implemented => implemented.ToDisplayString(Base)).Order(StringComparer.Ordinal))
        {
            if (!(IsMessage(type) && name == "IRequest"))
            {
                yield return name;
            }
        }
    }

    private static string TextOf(ISymbol member)
    {
        string text = member.ToDisplayString(Member);
        bool hidden = member is { IsStatic: true, ContainingType.TypeKind: TypeKind.Interface };
        return hidden ? (member.IsAbstract ? "static abstract " : "static ") + text : text;
    }

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
        && symbol.CanBeReferencedByName | symbol is IMethodSymbol { MethodKind: not MethodKind.StaticConstructor } or IPropertySymbol { IsIndexer: true };

    // Accessors stand in their property; what the compiler adds to a record follows from the record.
    private static bool IsSynthesised(ISymbol member) =>
        member is IMethodSymbol { AssociatedSymbol: not null } or IMethodSymbol { ContainingType.IsValueType: true, Parameters.IsEmpty: true, MethodKind: MethodKind.Constructor }
        || member is IFieldSymbol { Name: "value__" }
        || member.IsImplicitlyDeclared
        || member.Name.StartsWith('<')
        || member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "CompilerGeneratedAttribute");
}

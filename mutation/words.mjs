/**
 * What is not changed, since no program computes anything else by it.
 *
 * - samples of ops, what makes them, and the ranges of their numbers: what the laws draw from, so a
 *   change there changes the tests, not what they test;
 * - docs of ops, and what is put into them: shown in documentation;
 * - words of broken invariants, which no program reaches;
 * - names of binders, of the parameters bound and of closed functions: shown in listings, and never
 *   compared, since binders differ by identity.
 */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** For each function, the argument that is words. */
const arguments_ = {
  invariant: 1,
  parameter: 1,
  closeStrict: 0,
  close: 0,
  closeTogether: 0,
  define: 0,
  trace: 0,
  named: 0,
  comparison: 1,
  argExtreme: 1,
}

/** Functions that name parameters. */
const naming = ['nameOf', 'named', 'beside']

const nameOf = ({ node, parent }) => node.id?.name ?? parent.id?.name

/** `Sample`, `ArgSample`, or a list of them. */
const isOfSamples = (type) =>
  /^(Arg)?Sample$/.test(type?.typeName?.name) ||
  [type?.typeAnnotation, type?.elementType].some((part) => part && isOfSamples(part))

/** `readonly [number, number]` */
const isRange = (type) =>
  type?.typeAnnotation?.type === 'TSTupleType' &&
  type.typeAnnotation.elementTypes.every(({ type }) => type === 'TSNumberKeyword')

/** Other than a part of a text that is put together. */
const isOther = (path) => !path.isBinaryExpression()

const isText = (path) => path.isStringLiteral() || path.isTemplateLiteral()

export const words = {
  shouldIgnore(path) {
    const { parentPath: parent } = path
    const name = parent?.isObjectProperty() && path.key === 'value' ? parent.node.key.name : ''
    const getter = path.isObjectMethod({ kind: 'get' }) ? path.node.key.name : ''
    if (name === 'samples' || getter === 'samples') return 'samples'
    if (path.isFunction() && isOfSamples(path.node.returnType)) return 'samples'
    if (path.isFunction() && naming.includes(nameOf(path))) return 'a name'
    if (parent?.isVariableDeclarator()) {
      const { name, typeAnnotation } = parent.node.id
      if (name === 'binder') return 'a binder'
      if (isRange(typeAnnotation?.typeAnnotation)) return 'a range of samples'
    }
    const list = parent?.isArrayExpression() ? parent.parentPath : undefined
    if (list?.isObjectProperty() && list.node.key.name === 'domain') return 'a range of samples'
    if (!isText(path)) return undefined
    const holder = path.findParent(isOther)
    if (holder?.isObjectProperty() && holder.node.key.name === 'doc') return 'a doc'
    if (parent.isCallExpression() && path.key === arguments_[parent.node.callee.name]) {
      return 'a name, or words of a broken invariant'
    }
    if (parent.isNewExpression() && /^broken invariant/.test(textOf(path.node))) {
      return 'words of a broken invariant'
    }
    return undefined
  },
}

const textOf = (node) => node.value ?? node.quasis[0].value.raw

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'words', words)]
